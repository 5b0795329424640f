"""Lists of a record of which an empty one means all: losing the last entry must not make it mean all.

A model declares them beside its fields::

    empty_means_all = EmptyMeansAll(lists=("labels",), off={"is_active": False})

Whatever deletes the last entry of such a list, by whichever source (one record, many, the undo of an import, a
take-back), switches the record off, with the reason in the record's history (``audit.referrers``), and the question
before the deletion names it (``console.deleting``). Taking the deletion back switches it on again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.wording import for_the_record, office_language

if TYPE_CHECKING:
    from audit.private_hooks import ManyToManyField

# {model: {primary key of a record of it: names of its lists}}
Emptied = dict[type[models.Model], dict[int, set[str]]]

_REASON = _("Switched off: a deletion left nothing in “%s”, and an empty field means all.")


@dataclass(frozen=True)
class EmptyMeansAll:
    """``lists``: names of many-to-many fields. ``off``: {field: value} by which a record does nothing any more."""

    lists: tuple[str, ...]
    off: Mapping[str, object]


def declared_on(model: type[models.Model]) -> EmptyMeansAll | None:
    """Return what a model declares; None when no empty list of it means all."""
    declared: EmptyMeansAll | None = getattr(model, "empty_means_all", None)
    return declared


def through_of(field: ManyToManyField) -> type[models.Model]:
    """Return the model whose rows join the two sides of a many-to-many field."""
    through = field.remote_field.through
    assert through is not None  # once the models are loaded
    return through


def would_be_emptied(model: type[models.Model], keys: Collection[int]) -> Emptied:
    """Return the records that deleting these records of ``model`` would switch off, and which lists they would lose.

    Two queries for each list that may name records of that kind, however many keys: there are few such lists, and an
    import may be undone with thousands of customers.
    """
    going = set(keys)
    found: Emptied = {}
    for owner, field in _lists_of(model):
        named: dict[int, set[int]] = {}
        pairs = through_of(field)._base_manager.order_by()
        names = (f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id")
        for key, target in pairs.values_list(*names):
            named.setdefault(key, set()).add(target)
        for key in still_on(owner, [key for key, targets in named.items() if targets <= going]):
            found.setdefault(owner, {}).setdefault(key, set()).add(field.name)
    return found


def _lists_of(model: type[models.Model]) -> Iterator[tuple[type[models.Model], ManyToManyField]]:
    """(model, its list of which an empty one means all), of the lists that name records of that kind."""
    for owner in apps.get_models():
        declared = declared_on(owner)
        for field in owner._meta.local_many_to_many if declared else ():
            if declared and field.name in declared.lists and field.related_model is model:
                yield owner, field


def still_on(model: type[models.Model], keys: Collection[int]) -> frozenset[int]:
    """Return those of the records that are not off, as their model declares it."""
    declared = declared_on(model)
    if declared is None or not keys:
        return frozenset()
    rows = model._base_manager.filter(pk__in=keys).exclude(**declared.off).order_by()
    return frozenset(rows.values_list("pk", flat=True))


def emptied_of(model: type[models.Model], lost: Mapping[int, Collection[str]]) -> dict[int, set[str]]:
    """Return {record that is to be switched off: lists of it that are empty now}.

    ``lost``: {primary key: names of the fields that lost something}, after the deletion.
    """
    declared = declared_on(model)
    found: dict[int, set[str]] = {}
    for field in model._meta.local_many_to_many if declared else ():
        losers = {key for key, names in lost.items() if field.name in names}
        if declared and field.name in declared.lists and losers:
            own = f"{field.m2m_field_name()}_id"
            rows = through_of(field)._base_manager.filter(**{f"{own}__in": losers}).order_by()
            for key in losers - set(rows.values_list(own, flat=True)):
                found.setdefault(key, set()).add(field.name)
    on = still_on(model, found)
    return {key: names for key, names in found.items() if key in on}


def switch_off_emptied(model: type[models.Model], keys: Collection[int]) -> None:
    """Switch records off, as their model declares it. Writes no history: whoever calls does."""
    declared = declared_on(model)
    if declared is not None and keys:
        model._base_manager.filter(pk__in=keys).update(**declared.off)


def list_names(model: type[models.Model], names: Collection[str]) -> str:
    """Return what some lists of a model are called."""
    fields = (field for field in model._meta.local_many_to_many if field.name in names)
    return ", ".join(str(field.verbose_name) for field in fields)


def reason_for(model: type[models.Model], names: Collection[str]) -> str:
    """Return why a record is switched off that lost the last entry of these lists, for its history."""
    with office_language():
        return for_the_record(_REASON, list_names(model, names))
