"""What rooms above say to this one: what they do at once when a restore is found."""

from __future__ import annotations

from typing import Protocol

from audit.registry import Registry
from business.models import Hold


class AtOnce(Protocol):
    """What must be done before anything else is, in the transaction that holds."""

    def __call__(self, hold: Hold, /) -> None: ...


# By what they do.
WHEN_HELD: Registry[str, AtOnce] = Registry("What is done when a restore is found")
