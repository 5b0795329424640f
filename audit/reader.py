"""For whom something is told: whoever reads a history, a consequence, an effect or a name beside a record.

What is told beside a record (counts, names of related records, reasons, old values) obeys the limits of whoever reads
it, like the record itself. So every function that tells such things takes a ``Reader``, by type and without a default:
code that forgets the reader does not type-check (docs/decisions/0083-readers.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.db import models
from django.db.models import Q

# Any kind of queryset: it stays the same kind.
Rows = TypeVar("Rows", bound=models.QuerySet[Any])


class Reader(Protocol):
    """Whoever will see it. ``console.reader.StaffReader`` is a member of staff; ``UNLIMITED`` sees everything."""

    @property
    def is_limited(self) -> bool:
        """Return whether anything may be hidden from this reader."""

    @property
    def only_customers(self) -> frozenset[int] | None:
        """Return the primary keys of the customers this reader is limited to, None for all."""

    def may_see(self, record: models.Model) -> bool:
        """Return whether this reader may see that record beside another: its name, its values."""

    def rows(self, queryset: Rows) -> Rows:
        """Return the rows of a queryset that this reader may see listed and counted: by role, and within reach."""

    def visible_keys(self, model: type[models.Model], keys: Iterable[int]) -> frozenset[int]:
        """Return those of the primary keys whose records this reader may see named beside another record."""

    def reads(self, model: type[models.Model]) -> bool:
        """Return whether this reader may see records of that kind at all."""

    def history(self, model: type[models.Model]) -> Q:
        """Return the condition on the history rows of a model in the change log of this reader."""

    def history_of_parts(self, model: type[models.Model]) -> Q:
        """Return the same for what belongs to a record that this reader may see, on the page of that record."""


class _Unlimited:
    """Sees everything: commands on the server, and what Portico decides for itself."""

    is_limited = False
    only_customers = None

    def may_see(self, record: models.Model) -> bool:
        return True

    def rows(self, queryset: Rows) -> Rows:
        return queryset

    def visible_keys(self, model: type[models.Model], keys: Iterable[int]) -> frozenset[int]:
        return frozenset(keys)

    def reads(self, model: type[models.Model]) -> bool:
        return True

    def history(self, model: type[models.Model]) -> Q:
        return Q()

    def history_of_parts(self, model: type[models.Model]) -> Q:
        return Q()


UNLIMITED: Reader = _Unlimited()
