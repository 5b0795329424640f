"""What a room shows on the page and in the list of a record of a room below it: jobs on a customer's page.

The upper room adds it to ``console.hooks.PAGE_PARTS``; the page below does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import models

from console.hooks import PAGE_PARTS, CountColumn, PagePart
from console.reader import Reader
from console.shapes import AnyRows, Column

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from audit.private_hooks import Account


def parts_of(model: type[models.Model]) -> list[PagePart]:
    """Return what upper rooms add to the pages of that model's records."""
    return [part for (kind, _about), part in PAGE_PARTS.items() if kind is model]


def with_counts(rows: AnyRows, user: Account | AnonymousUser) -> AnyRows:
    """Return the rows of a list with what the columns of upper rooms count for each."""
    counts = {column.name: column.count(user) for part in parts_of(rows.model) for column in part.columns}
    return rows.annotate(**counts) if counts else rows


def with_columns(model: type[models.Model], columns: tuple[Column, ...]) -> tuple[Column, ...]:
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
