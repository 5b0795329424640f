"""What a room shows on the page and in the list of a record of a room below it: jobs on a customer's page.

The upper room says it once, in its ``admin`` package, with ``add_to_page``; the page below does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import InlineModelAdmin
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.functional import Promise

from console.kit.shapes import Column as Shown
from console.reader import Reader

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from audit.private_hooks import Account


@dataclass(frozen=True)
class CountColumn:
    """A number in the list of the lower record.

    ``name``: of the annotation; ``count``: it, for whoever reads the list; ``before``: the column it stands before.
    """

    name: str
    title: str | Promise
    count: Callable[[Account | AnonymousUser], Combinable]
    before: str


@dataclass(frozen=True)
class PagePart:
    """What one upper room adds. ``told_when_put_away``: what an archived record still has there, in a sentence."""

    inlines: tuple[type[InlineModelAdmin], ...] = ()
    columns: tuple[CountColumn, ...] = ()
    told_when_put_away: Callable[[Any, Reader], str] | None = None


_PARTS: dict[type[models.Model], list[PagePart]] = {}


def add_to_page(model: type[models.Model], part: PagePart) -> None:
    """Add a part to every page of that model's records."""
    _PARTS.setdefault(model, []).append(part)


def parts_of(model: type[models.Model]) -> list[PagePart]:
    """Return what upper rooms add to the pages of that model's records."""
    return _PARTS.get(model, [])


def with_counts(rows: models.QuerySet, user: Account | AnonymousUser) -> models.QuerySet:
    """Return the rows of a list with what the columns of upper rooms count for each."""
    counts = {column.name: column.count(user) for part in parts_of(rows.model) for column in part.columns}
    return rows.annotate(**counts) if counts else rows


def with_columns(model: type[models.Model], columns: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """Return the columns of a list with those of upper rooms at their places."""
    shown = list(columns)
    for part in parts_of(model):
        for column in part.columns:
            shown.insert(shown.index(column.before), _shown(column))
    return tuple(shown)


def _shown(column: CountColumn) -> Callable[[models.Model], int]:
    def value(record: models.Model) -> int:
        counted: int = getattr(record, column.name)
        return counted

    vars(value).update(short_description=column.title, admin_order_field=column.name)
    value.__name__ = column.name
    return value


def told_when_put_away(record: models.Model, reader: Reader) -> list[str]:
    """Return what a record that is archived keeps in upper rooms, a sentence for each, for that reader."""
    tellers = [part.told_when_put_away for part in parts_of(type(record)) if part.told_when_put_away]
    return [tell(record, reader) for tell in tellers]
