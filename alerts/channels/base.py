"""What a channel promises: take one message, try once, and say truly what became of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, quote_plus


@dataclass(frozen=True)
class Message:
    """One message, ready to go. ``key`` is its own for ever: the same message tried again has the same one.

    ``to`` is an address in its one spelling (alerts.addresses). ``stop_url``: where the recipient says "no more".
    ``language``: the one its words are in; empty for that of the business. ``urgent``: somebody waits for it in front
    of a page, so no server is given minutes to answer.
    """

    key: str
    to: str
    to_name: str
    subject: str
    body: str
    reply_to: str = ""
    stop_url: str = ""
    language: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Sent:
    """Handed over. ``reference``: the provider's own number; ``note``: what the office should know of it."""

    reference: str = ""
    note: str = ""
    arrived: bool = False


@dataclass(frozen=True)
class NotCarried:
    """Written down where the office can read it, but no carrier is set up to take it."""

    why: str


@dataclass(frozen=True)
class Temporary:
    """It certainly did not go out; trying again later makes sense. ``let_in``: the carrier knows us, so it is about
    this message or this moment."""

    why: str
    let_in: bool = False


@dataclass(frozen=True)
class Held:
    """It did not go out, and no other will: the carrier refuses *us*, by our name and password, or our account.

    ``why``: a sentence without anything of the carrier's; ``words``: what the carrier said, without our secrets.
    """

    why: str
    words: str = ""


@dataclass(frozen=True)
class Permanent:
    """It did not go out, and will not. ``stopped``: because the recipient told the carrier to stop."""

    why: str
    stopped: bool = False


@dataclass(frozen=True)
class Uncertain:
    """The line broke after the message was handed over and before anybody said so: it may have gone out. ``let_in``:
    the carrier knows us."""

    why: str
    let_in: bool = False


# What stands for a secret.
HIDDEN = "…"
# A shorter one is guessed from the signs that are missing.
SHORTEST_SECRET = 6

Fate = Sent | NotCarried | Temporary | Held | Permanent | Uncertain


def knows_us(fate: Fate) -> bool:
    """Return whether the carrier took our name and password, whatever became of the message."""
    match fate:
        case Sent() | NotCarried() | Permanent():
            return True
        case Temporary(let_in=let_in) | Uncertain(let_in=let_in):
            return let_in
    return False


def said_by_carrier(words: bytes | str, *secrets: str) -> str:
    """Return a carrier's words as they may be kept: in one line, not long, and without any of these secrets, also as
    they are encoded on the way, in other letters or broken into lines.

    Nothing at all is kept where a short secret stands in them: anybody could read it from what is missing.
    """
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    places, seen = _seen(said)
    spans: list[tuple[int, int]] = []
    for secret in secrets:
        for form in _forms(secret):
            found = [(places[at], places[at + len(form) - 1] + 1) for at in _places(form, seen)]
            if found and len(secret) < SHORTEST_SECRET:
                return HIDDEN
            spans += found
    said = _without(said, spans)
    # What no database keeps (a NUL) or no page shows.
    said = "".join(character if character.isprintable() else " " for character in said)
    return " ".join(said.split())[:300]


def _seen(said: str) -> tuple[list[int], str]:
    """A text in small letters, without what is not seen in one line; and where each of its signs stands in the text."""
    kept = [(place, sign.lower()[:1]) for place, sign in enumerate(said) if sign.isprintable() and not sign.isspace()]
    return [place for place, _sign in kept], "".join(sign for _place, sign in kept)


def _forms(secret: str) -> set[str]:
    """How a secret may be said: as it is, in Base64 and in that of addresses, with or without its end, as in an
    address."""
    # From an environment that is not UTF-8 it may hold signs that nothing encodes.
    secret = secret.encode("utf-8", "replace").decode()
    coded = (encode(secret.encode()).decode() for encode in (base64.b64encode, base64.urlsafe_b64encode))
    forms = [secret, quote(secret), quote(secret, safe=""), quote_plus(secret)]
    for one in coded:
        forms += [one, one.rstrip("=")]
    return {form for form in (_seen(form)[1] for form in forms) if form}


def _places(form: str, seen: str) -> Iterator[int]:
    """Each place at which a form stands, also where two overlap."""
    at = seen.find(form)
    while at >= 0:
        yield at
        at = seen.find(form, at + 1)


def _without(said: str, spans: list[tuple[int, int]]) -> str:
    """A text with one sign in place of each of these parts, or of several that touch."""
    parts: list[str] = []
    end = 0
    for first, last in sorted(spans):
        if first > end or not parts:
            parts += [said[end:first], HIDDEN]
        end = max(end, last)
    return "".join([*parts, said[end:]])


class ChannelSender(Protocol):
    """One way for messages to go."""

    def send(self, message: Message) -> Fate:
        """Tries once. Writes none of our tables; raises nothing that can be foreseen."""
        ...
