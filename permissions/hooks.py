"""What rooms above say to this one: what hangs on the portal's settings besides people's rights."""

from __future__ import annotations

from typing import Protocol

from audit.registry import Registry
from business.models import PortalSettings
from console.reader import Reader


class Consequence(Protocol):
    """What a change of the settings does to records of a room above."""

    def __call__(self, before: PortalSettings, after: PortalSettings, reader: Reader, /) -> list[str]:
        """Return it in sentences ("12 portal links die."), for a reader; none where nothing changes."""


# By what they are about.
CONSEQUENCES: Registry[str, Consequence] = Registry("Consequences of the portal's settings")
