"""A member of staff as a reader: what may be told to them beside a record (``audit.reader``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.reader import UNLIMITED, Reader, Rows
from console.scope import ScopedQuerySet, history_condition, in_scope, reach_of, scope_condition
from console.shapes import AnyRows

__all__ = ["UNLIMITED", "Counted", "Reader", "StaffReader", "count_for", "name_for", "names_for", "reader_for"]

_Record = TypeVar("_Record", bound=models.Model)


class StaffReader:
    """A member of staff: their role's rights, narrowed by what was granted to them."""

    def __init__(self, user: PermissionsMixin | AnonymousUser) -> None:
        self.user = user

    @property
    def is_limited(self) -> bool:
        return reach_of(self.user).limited

    @property
    def only_customers(self) -> frozenset[int] | None:
        reach = reach_of(self.user)
        return reach.keys("customer", "view") if reach.customers_limited else None

    def may_see(self, record: models.Model) -> bool:
        return in_scope(self.user, record)

    def rows(self, queryset: Rows) -> Rows:
        if isinstance(queryset, ScopedQuerySet):
            return queryset.visible_to(self.user)
        if not self.reads(queryset.model):
            return queryset.none()
        condition = scope_condition(queryset.model, self.user)
        return queryset if condition is None else queryset.filter(condition)

    def visible_keys(self, model: type[models.Model], keys: Iterable[int]) -> frozenset[int]:
        condition = scope_condition(model, self.user)
        if condition is None:
            return frozenset(keys)
        wanted = list(keys)
        return frozenset(model._base_manager.filter(condition, pk__in=wanted).values_list("pk", flat=True))

    def reads(self, model: type[models.Model]) -> bool:
        meta = model._meta
        return any(self.user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}") for action in ("view", "change"))

    def history(self, model: type[models.Model]) -> Q:
        return history_condition(model, self.user)

    def history_of_parts(self, model: type[models.Model]) -> Q:
        return history_condition(model, self.user, also_of_nobody=True)


def reader_for(by: PermissionsMixin | AnonymousUser | None) -> Reader:
    """Return whoever acts as a reader: what a service refuses or says, it says to them; None is Portico itself."""
    return UNLIMITED if by is None else StaffReader(by)


@dataclass(frozen=True)
class Counted:
    """How many records a reader may see, and whether there are others that they may not see."""

    seen: int
    others: bool

    def __bool__(self) -> bool:
        return bool(self.seen or self.others)


def count_for(reader: Reader, queryset: AnyRows) -> Counted:
    """Count the rows that a reader may see; whether there are others costs a query only for a limited reader."""
    seen = reader.rows(queryset).count()
    others = queryset.count() > seen
    return Counted(seen, others)


def name_for(reader: Reader, record: models.Model) -> str:
    """Return the name of a record, or that it is one this reader may not see: "a customer you can't see"."""
    if reader.may_see(record):
        return str(record)
    return _("(a %s you can't see)") % record._meta.verbose_name


def names_for(reader: Reader, records: Collection[models.Model], most: int = 10) -> str:
    """Return the names of the records this reader may see, and how many more there are: "Acme, Birch and 1 more".

    ``records``: of one kind. ``most``: so many names at most.
    """
    seen = _visible(reader, records)
    shown = [str(record) for record in seen[:most]]
    more = len(records) - len(shown)
    words = ", ".join(shown)
    if not more:
        return words
    if not shown:
        return ngettext("%d you can't see", "%d you can't see", more) % more
    return _("%(names)s and %(count)d more") % {"names": words, "count": more}


def _visible(reader: Reader, records: Collection[_Record]) -> Sequence[_Record]:
    if not records:
        return []
    kind = type(next(iter(records)))
    keys = reader.visible_keys(kind, [record.pk for record in records])
    return [record for record in records if record.pk in keys]
