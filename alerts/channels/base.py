"""What a channel promises: take one message, try once, and say truly what became of it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Protocol


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
    they are encoded on the way."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    for secret in filter(None, secrets):
        said = said.replace(secret, "…").replace(base64.b64encode(secret.encode()).decode(), "…")
    # What no database keeps (a NUL) or no page shows.
    said = "".join(character if character.isprintable() else " " for character in said)
    return " ".join(said.split())[:300]


class ChannelSender(Protocol):
    """One way for messages to go."""

    def send(self, message: Message) -> Fate:
        """Tries once. Writes none of our tables; raises nothing that can be foreseen."""
        ...
