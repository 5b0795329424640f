"""The portal link in notes and messages: its address is a key, so the texts hold a placeholder that stands for it.

Whoever may copy the link, and whoever it is for, reads the address in its place; everybody else reads that there is
one. Histories, exports and kept answers hold the placeholder. Why: docs/decisions/0077-placeholder-of-a-link.md.
"""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.expressions import Expression, Match
from audit.wording import for_the_record

PLACEHOLDER = "{portal_link}"
# The address of a portal link, wherever this site stands, and its token; also as it stands inside another address
# (%2Fl%2F, encoded once or several times) and in JSON (\/l\/). What follows a token may look like a part of it:
# ``possible_tokens``. No part of it can be read in two ways, so the time grows with the length of the text alone.
_SLASH = r"(?:\\?/|%(?:25){0,3}2[Ff])"
ADDRESS = Expression(
    rf"(?:https?://[\w.:\[\]-]{{1,255}})?{_SLASH}l{_SLASH}([A-Za-z0-9_-]{{16,64}}){_SLASH}?", longest=1_000_000
)
# One of these stands in every text that holds one.
MARKS = ("/l/", "/l\\", "/l%", "%2Fl", "%2fl", "252Fl", "252fl")
# The signs of a token of PortalLink.token_bytes.
TOKEN_SIGNS = 32


@lru_cache(maxsize=8)
def _address_around(site: str, urlconf: str, token: str) -> tuple[str, str]:
    before, after = reverse("portal_site:guest", args=[token]).split(token)
    return site + before, after


def address_of_link(token: str) -> str:
    """The whole address of the portal link with that token."""
    before, after = _address_around(settings.SITE_URL, settings.ROOT_URLCONF, "A" * 32)
    return f"{before}{token}{after}"


def note_of_link() -> str:
    """The line by which a job's notes name its portal link."""
    return for_the_record(_("Portal access: %s"), PLACEHOLDER)


def names_link(text: str) -> bool:
    """Does a text, or a line of it, name the portal link of its job?"""
    return PLACEHOLDER in text


def read_with(text: str, address: str) -> str:
    """A text as it is read by somebody who may have that address; with an empty one, by everybody else."""
    if address:
        return text.replace(PLACEHOLDER, address)
    return mask_addresses(text.replace(PLACEHOLDER, gettext("(portal link)")))


def may_name_address(text: str) -> bool:
    """Is there anything in a text that ``ADDRESS`` could find?"""
    return any(mark in text for mark in MARKS)


def possible_tokens(written: str) -> list[str]:
    """What the token can be in what ``ADDRESS`` took for one: signs that follow it may have been taken along."""
    return list(dict.fromkeys((written[:TOKEN_SIGNS], written, written.rstrip("-_"))))


def up_to_token(found: Match, token: str) -> tuple[str, str]:
    """The address that was found, up to the end of that token and its slash; and what was taken along behind it."""
    if token == found[1]:
        return found[0], ""
    end = found.start(1) - found.start() + len(token)
    return found[0][:end], found[0][end:]


def mask_addresses(text: str) -> str:
    """A text with the tokens taken out of whatever looks like the address of a portal link."""
    return ADDRESS.sub(lambda found: found[0].replace(found[1], "…"), text) if may_name_address(text) else text
