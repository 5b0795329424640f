"""What still refers to a record that is deleted: it loses that reference, and its history says so.

Deleting a label takes it off every customer, deleting a location empties that field of every job. Each of these records
is changed by it, so each gets its row of history in the same request, and gets the reference back when the request is
taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models

from audit.private_hooks import lists_in_history

if TYPE_CHECKING:
    from audit.models import HistoryRow
    from audit.private_hooks import Field, ManyToManyField

# Records whose rows of history are written at once.
PORTION = 1_000
# {model: primary keys of its records}
Referrers = Mapping[type[models.Model], frozenset[int]]


def referrers_of(model: type[models.Model], keys: Collection[int]) -> Referrers:
    """Return the tracked records that would lose a reference if these records of ``model`` were deleted.

    Costs a query for each field that may refer to them. Records that would be deleted along are not among them, except
    by another reference.
    """
    found: dict[type[models.Model], frozenset[int]] = {}
    for field in _fields_that_lose(model):
        if isinstance(field, models.ManyToManyField):
            rows, name, own = through_of(field)._base_manager, field.m2m_reverse_field_name(), field.m2m_field_name()
        else:
            rows, name, own = field.model._base_manager, field.name, "pk"
        if rows_found := frozenset(
            rows.filter(**{f"{name}__in_set": set(keys)}).order_by().values_list(own, flat=True)
        ):
            found[field.model] = found.get(field.model, frozenset()) | rows_found
    return found


def through_of(field: ManyToManyField) -> type[models.Model]:
    """Return the model whose rows join the two sides of a many-to-many field."""
    through = field.remote_field.through
    assert through is not None  # once the models are loaded
    return through


def field_of(model: type[models.Model], name: str) -> Field:
    """Return a field of a model by its name or that of its column; no relation that leads to the model."""
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


@lru_cache(maxsize=64)
def _fields_that_lose(model: type[models.Model]) -> tuple[Field, ...]:
    """Fields of tracked models that refer to this one and are emptied, or made shorter, when a record of it goes."""
    return tuple(_fields_to(model))


def _fields_to(model: type[models.Model]) -> Iterator[Field]:
    for owner in apps.get_models():
        manager = getattr(owner._meta, "simple_history_manager_attribute", "")
        if not manager:
            continue
        history = getattr(owner, manager).model
        tracked = {field.name for field in history.tracked_fields}
        for field in owner._meta.concrete_fields:
            on_delete = getattr(field.remote_field, "on_delete", None)
            if field.related_model is model and on_delete is models.SET_NULL and field.name in tracked:
                yield field
        yield from (field for field in lists_in_history(history) if field.related_model is model)


def write_losses(referrers: Referrers) -> None:
    """Write a row of history for each of these records that is still there, as it stands now."""
    for model, keys in referrers.items():
        waiting = sorted(keys)
        for start in range(0, len(waiting), PORTION):
            _write(model, waiting[start : start + PORTION])


def _write(model: type[models.Model], keys: list[int]) -> None:
    history = getattr(model, getattr(model._meta, "simple_history_manager_attribute", ""))
    # What a record's name is made of.
    needed = [field.name for field in model._meta.fields if isinstance(field, models.ForeignKey) and not field.null]
    records = list(model._base_manager.select_related(*needed).filter(pk__in=keys).order_by("pk"))
    if not records:
        return
    written = history.bulk_history_create(records, update=True)
    rows = {record.pk: row for record, row in zip(records, written, strict=True)}
    for field in lists_in_history(history.model):
        _keep_list(field, rows)


def _keep_list(field: ManyToManyField, rows: Mapping[int, HistoryRow]) -> None:
    """Keep with each row of history what is on the record's list now."""
    through = through_of(field)
    kept = getattr(next(iter(rows.values())), field.name).model
    names = [one.attname for one in through._meta.concrete_fields]
    owner = f"{field.m2m_field_name()}_id"
    listed = through._base_manager.filter(**{f"{field.m2m_field_name()}__in": list(rows)}).order_by("pk")
    kept._base_manager.bulk_create(
        [kept(history=rows[pair[owner]], **pair) for pair in listed.values(*names)], batch_size=PORTION
    )
