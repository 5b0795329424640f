"""What rooms above say to this one: what hangs on the portal's settings besides people's rights, and on a merge."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from django.db.models import Model

from audit.registry import Registry
from business.models import PortalSettings
from console.reader import Reader


class Consequence(Protocol):
    """What a change of the settings does to records of a room above."""

    def __call__(self, before: PortalSettings, after: PortalSettings, reader: Reader, /) -> list[str]:
        """Return it in sentences ("12 portal links die."), for a reader; none where nothing changes."""


class Standing(Protocol):
    """Where a record of a room above stands, and why: for the page "Why?"."""

    def __call__(self, record: Model, reader: Reader, /) -> list[str]:
        """Return it in sentences, for a reader; none where there is nothing to say to them."""


# What a merge of customers (primary keys) locks before the customers themselves, by what it is: whoever works with it
# needs the customer's row later, so that the one waits for the other and never both.
MERGE_LOCKS: Registry[str, Callable[[Collection[int]], None]] = Registry("What a merge locks first")

# By what they are about.
CONSEQUENCES: Registry[str, Consequence] = Registry("Consequences of the portal's settings")

# By the model whose records they are about.
STANDINGS: Registry[type[Model], Standing] = Registry("Words about where records stand")
