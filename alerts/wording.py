"""The words of a message in the clothes of its channel: plain mail, branded HTML mail, text message."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.expressions import Expression
from business.models import PortalSettings

_URL = Expression(r"https?://[^\s<>\"]+", longest=10_000)


def mail_text(body: str, stop_url: str) -> str:
    """The plain part: the words, and how to stop them."""
    if not stop_url:
        return body
    return f"{body}\n\n-- \n{_('Stop these messages:')} {stop_url}\n"


def sms_text(body: str, stop_url: str) -> str:
    """The text message: the words, and how to stop them."""
    return f"{body}\n{_('Stop:')} {stop_url}" if stop_url else body


def mail_html(subject: str, body: str, stop_url: str) -> str:
    """The HTML part: the same words, in the business's colours. Everything is escaped.

    Only addresses on our own site become links: what a customer typed into a job must not turn into one.
    """
    portal = PortalSettings.load()
    return render_to_string(
        "alerts/mail.html",
        {
            "subject": subject,
            "paragraphs": paragraphs(body),
            "stop_url": stop_url,
            "portal": portal,
            "ink": ink_on(portal.brand_colour),
        },
    )


def paragraphs(body: str) -> list[list[list[dict[str, object]]]]:
    """A text as paragraphs of lines of parts: {"text", "url", "alone"}; ``alone``: the line is nothing but the link."""
    lines = [line.rstrip() for line in body.splitlines()]
    blocks = [list(block) for filled, block in groupby(lines, bool) if filled]
    return [[_parts(line) for line in block] for block in blocks]


def _parts(line: str) -> list[dict[str, object]]:
    parts: list[dict[str, object]] = []
    end = 0
    for match in _URL.finditer(line):
        url = match[0].rstrip(".,;:!?)")
        if url != settings.SITE_URL and not url.startswith(settings.SITE_URL + "/"):
            continue
        if match.start() > end:
            parts.append({"text": line[end : match.start()]})
        end = match.start() + len(url)
        parts.append({"text": url, "url": url, "alone": line.strip() == url})
    if end < len(line):
        parts.append({"text": line[end:]})
    return parts


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour "#rrggbb" (WCAG 2.2 relative luminance)."""

    def channel(pair: str) -> float:
        share = int(pair, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(colour[i : i + 2]) for i in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if luminance > 0.179 else "#ffffff"
