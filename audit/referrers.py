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
from django.utils.translation import gettext_lazy as _

from audit.act import acting_apart, current_act
from audit.emptiness import declared_on, emptied_of, reason_for, switch_off_emptied, through_of
from audit.locks import lock_rows
from audit.private_hooks import lists_in_history
from audit.wording import for_the_record

if TYPE_CHECKING:
    from simple_history.manager import HistoryManager

    from audit.models import HistoryRow
    from audit.private_hooks import Field, ManyToManyField

# Records whose rows of history are written at once.
PORTION = 1_000
# {model: {primary key of a record of it: names of the fields that refer}}
Referrers = Mapping[type[models.Model], Mapping[int, Collection[str]]]


def referrers_of(model: type[models.Model], keys: Collection[int]) -> Referrers:
    """Return the tracked records that would lose a reference if these records of ``model`` were deleted.

    Costs a query for each field that may refer to them, two more for each list that does; of a list of which an empty
    one means all, its records are locked until the transaction ends. Records that would be deleted
    along are not among them, except by another reference. A list that history does not know as it stands is written
    down first: what comes back with a take-back is what stood there.
    """
    found: dict[type[models.Model], dict[int, set[str]]] = {}
    for field in _fields_that_lose(model):
        if isinstance(field, models.ManyToManyField):
            rows, name, own = through_of(field)._base_manager, field.m2m_reverse_field_name(), field.m2m_field_name()
        else:
            rows, name, own = field.model._base_manager, field.name, "pk"
        losers = rows.filter(**{f"{name}__in_set": set(keys)}).order_by().values_list(own, flat=True)
        if _is_switched_off_by(field):
            # Whoever takes another entry off the same list waits until this one is gone.
            lock_rows(field.model, losers)
        owners = frozenset(losers)
        if isinstance(field, models.ManyToManyField) and owners:
            _write_what_history_missed(field, owners)
        for key in owners:
            found.setdefault(field.model, {}).setdefault(key, set()).add(field.name)
    return found


def _is_switched_off_by(field: Field) -> bool:
    declared = declared_on(field.model)
    return declared is not None and field.name in declared.lists


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
    """Write a row of history for each of these records that is still there, as it stands now.

    Whatever has lost the last entry of a list of which an empty one means all is switched off (``audit.emptiness``).
    """
    for model, lost in referrers.items():
        emptied = emptied_of(model, lost)
        switch_off_emptied(model, emptied)
        by_lists: dict[frozenset[str], list[int]] = {}
        for key in sorted(lost):
            by_lists.setdefault(frozenset(emptied.get(key, ())), []).append(key)
        for lists, keys in by_lists.items():
            for part in _portions(keys):
                _write(model, part, _with_own_reason(reason_for(model, lists)) if lists else "")


def _with_own_reason(why: str) -> str:
    """Why, after the reason of the act under way."""
    given = current_act().reason
    return f"{given.rstrip('.')}. {why}" if given else why


def _write(model: type[models.Model], keys: list[int], reason: str = "") -> None:
    # What a record's name is made of.
    needed = [field.name for field in model._meta.fields if isinstance(field, models.ForeignKey) and not field.null]
    records = list(model._base_manager.select_related(*needed).filter(pk__in=keys).order_by("pk"))
    if records:
        _history_of(model).bulk_history_create(records, update=True, default_change_reason=reason)


def _history_of(model: type[models.Model]) -> HistoryManager[HistoryRow]:
    manager: HistoryManager[HistoryRow] = getattr(model, getattr(model._meta, "simple_history_manager_attribute", ""))
    return manager


def _portions(keys: list[int]) -> Iterator[list[int]]:
    yield from (keys[start : start + PORTION] for start in range(0, len(keys), PORTION))


def keep_lists(rows: Mapping[int, HistoryRow]) -> None:
    """Keep with each new row of history of one kind what is on the record's lists now. ``rows``: by its primary key."""
    if not rows:
        return
    for field in lists_in_history(type(next(iter(rows.values())))):
        through = through_of(field)
        kept = getattr(next(iter(rows.values())), field.name).model
        names = [one.attname for one in through._meta.concrete_fields]
        owner = f"{field.m2m_field_name()}_id"
        for part in _portions(list(rows)):
            listed = through._base_manager.filter(**{f"{field.m2m_field_name()}__in": part}).order_by("pk")
            kept._base_manager.bulk_create(
                [kept(history=rows[pair[owner]], **pair) for pair in listed.values(*names)], batch_size=PORTION
            )


_MISSED = _("As it stood: an earlier change was not recorded.")


def _write_what_history_missed(field: ManyToManyField, keys: Collection[int]) -> None:
    """A row of history for each of these records whose newest row has other entries on that list than there are.

    It stands before the act under way and is not of it: what somebody now takes back is their own act.
    """
    manager = _history_of(field.model)
    history: type[HistoryRow] = manager.model
    pk, other = field.model._meta.pk.attname, f"{field.m2m_reverse_field_name()}_id"
    for part in _portions(sorted(keys)):
        newest = history.objects.filter(**{f"{pk}__in": part}).order_by().values_list(pk)
        owners = {row: key for key, row in newest.annotate(newest=models.Max("history_id")).values_list(pk, "newest")}
        known: dict[int, set[int]] = {key: set() for key in part}
        kept = getattr(history(), field.name).model._base_manager
        for row, target in kept.filter(history__in=list(owners)).values_list("history_id", other):
            known[owners[row]].add(target)
        now: dict[int, set[int]] = {key: set() for key in part}
        own = f"{field.m2m_field_name()}_id"
        for key, target in through_of(field)._base_manager.filter(**{f"{own}__in": part}).values_list(own, other):
            now[key].add(target)
        if missed := [key for key in part if known[key] != now[key]]:
            with acting_apart():
                _write(field.model, missed, for_the_record(_MISSED))
