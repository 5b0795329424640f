"""What a list's file holds: the columns it declares, or those of its model that people may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from import_export import fields, resources

from audit.conventions import Cell, moment_cell
from console.secrets import is_secret
from console.shapes import AnyField

# (path to the value, or a function of the record; heading)
ColumnValue = str | Callable[[Any], Any]
Columns = Sequence[tuple[ColumnValue, str | Promise]]
_READABLE = (
    models.CharField, models.TextField, models.IntegerField, models.DecimalField, models.FloatField,
    models.BooleanField, models.DateField, models.TimeField, models.ForeignKey,
)  # fmt: skip


class _Shown(fields.Field):
    """A value as a cell holds it: the label of a choice, the name of a record; numbers and dates as what they are."""

    def export(self, instance: models.Model | None, **kwargs: Any) -> Cell:
        if callable(self.attribute):
            return as_cell(self.attribute(instance))
        owner, _dot, last = str(self.attribute).rpartition("__")
        for name in filter(None, owner.split("__")):
            instance = getattr(instance, name, None)
        if instance is None:
            return ""
        display = getattr(instance, f"get_{last}_display", None)
        return as_cell(display() if display else getattr(instance, last))


def as_cell(value: Any) -> Cell:
    """A value as it stands in a cell; of a moment, the time by the business's clock, to the minute."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment_cell(value)
    if isinstance(value, int | float | Decimal | date | time):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def columns_of(model: type[models.Model]) -> Columns:
    """Every column of a model that people may read, for a list that declares none."""
    return [(field.name, capfirst(str(field.verbose_name))) for field in model._meta.fields if _is_readable(field)]


def _is_readable(field: AnyField) -> bool:
    if field.primary_key or is_secret(field):
        return False
    return isinstance(field, _READABLE) and (field.editable or isinstance(field, models.DateField))


def resource_of(model: type[models.Model], columns: Columns) -> type[resources.ModelResource[models.Model]]:
    """The resource that writes those columns."""
    made: dict[str, _Shown | type] = {
        _key(source): _Shown(attribute=source, column_name=str(heading), readonly=True) for source, heading in columns
    }
    made["Meta"] = type("Meta", (), {"model": model, "fields": tuple(made), "export_order": tuple(made)})
    return type(f"{model.__name__}Export", (resources.ModelResource,), made)


def _key(source: ColumnValue) -> str:
    return source if isinstance(source, str) else source.__name__.strip("_")


def related_in(model: type[models.Model], columns: Columns) -> set[str]:
    """The paths to other records that the columns read, to be fetched along."""
    return {path for source, _heading in columns if isinstance(source, str) for path in _relations(model, source)}


def _relations(model: type[models.Model], source: str) -> Iterator[str]:
    passed: list[str] = []
    for name in source.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return
        if not (field.many_to_one or field.one_to_one) or field.related_model is None:
            return
        passed.append(name)
        model = field.related_model
        yield "__".join(passed)
