"""What rooms above say to this one of models that are not theirs to write in: of packages, of rooms below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from audit.registry import Registry

if TYPE_CHECKING:
    from audit.take_back import TakeBack
    from audit.watching import Watch


class NameOf(Protocol):
    """How one record is called in words for people."""

    def __call__(self, one: Any, /) -> str: ...


# All by "app.Model". Our own models say the same in their classes.
TAKE_BACK: Registry[str, TakeBack] = Registry("Rules of taking back")
WATCHED: Registry[str, Watch] = Registry("Changes that are security events")
NAMES: Registry[str, NameOf] = Registry("Names of a package's records")
