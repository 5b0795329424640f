"""What a channel promises: take one message, try once, and say truly what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """One message, ready to go. ``key`` is its own for ever: the same message tried again has the same one.

    ``to`` is an address in its one spelling (alerts.addresses). ``stop_url``: where the recipient says "no more".
    ``language``: the one its words are in; empty for that of the business.
    """

    key: str
    to: str
    to_name: str
    subject: str
    body: str
    reply_to: str = ""
    stop_url: str = ""
    language: str = ""


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
    """It certainly did not go out; trying again later makes sense."""

    why: str


@dataclass(frozen=True)
class Permanent:
    """It did not go out, and will not. ``stopped``: because the recipient told the carrier to stop."""

    why: str
    stopped: bool = False


@dataclass(frozen=True)
class Uncertain:
    """The line broke after the message was handed over and before anybody said so: it may have gone out."""

    why: str


Fate = Sent | NotCarried | Temporary | Permanent | Uncertain


class ChannelSender(Protocol):
    """One way for messages to go."""

    def send(self, message: Message) -> Fate:
        """Tries once. Writes none of our tables; raises nothing that can be foreseen."""
        ...
