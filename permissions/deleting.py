"""May a record be deleted? What hangs on it keeps it, by whatever road somebody tries.

What the database protects keeps a record of any kind. A kind that is put away rather than deleted (a customer, a
worker) is kept by everything else that refers to it as well; its model names what goes along::

    goes_along = ("contacts", "locations")
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from permissions.errors import Refused


def held_by(record: models.Model) -> list[str]:
    """What keeps a record from being deleted, in numbers: "12 jobs". A query for each kind of thing that may."""
    held = []
    for relation in record._meta.related_objects:
        if not _keeps(relation, record):
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: record.pk})  # type: ignore[union-attr]
        if count := rows.count():
            meta = relation.related_model._meta  # type: ignore[union-attr]
            held.append(f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}")
    return held


def _keeps(relation: Any, record: Any) -> bool:
    if relation.on_delete is models.PROTECT:
        return True
    return is_put_away(record) and not relation.hidden and relation.get_accessor_name() not in record.goes_along


def is_put_away(record: models.Model) -> bool:
    """Is a record of that kind archived rather than deleted?"""
    return hasattr(record, "goes_along")


def why_kept(record: models.Model) -> str:
    """Why that record cannot be deleted, and what to do instead where it can be put away; empty when it can."""
    held = held_by(record)
    if not held:
        return ""
    said = _("“%(record)s” cannot be deleted. What hangs on it: %(held)s.") % {
        "record": record,
        "held": ", ".join(held),
    }
    if is_put_away(record):
        return f"{said} {_('Archive it instead.')}"
    fields = {field.name: field for field in record._meta.concrete_fields}
    if "is_active" in fields:
        return f"{said} {_('Switch “%s” off instead.') % fields['is_active'].verbose_name}"
    return said


def insist_nothing_keeps(record: models.Model) -> None:
    """Raises Refused, with the sentence, when something hangs on it."""
    if kept := why_kept(record):
        raise Refused(kept)


def in_words(model: type[models.Model], going: list[Any], counts: dict[Any, int]) -> tuple[list[Any], dict[str, int]]:
    """What goes along with a record of ``model``, as Django lists and counts it, made readable.

    Rows that only join two records have no name: they leave the list. Of those that put the record on somebody's list
    it is counted who loses it: "customers that lose it"; the record's own lists are a part of it.
    """
    fields: list[Any] = [field for owner in apps.get_models() for field in owner._meta.local_many_to_many]
    joins = {f.remote_field.through: f for f in fields if f.remote_field.through._meta.auto_created}
    beginnings = tuple(f"{capfirst(join._meta.verbose_name)}: {join._meta.object_name} object (" for join in joins)
    told = {str(name): count for name, count in counts.items()}
    for join, field in joins.items():
        count = told.pop(str(join._meta.verbose_name_plural), 0)
        if count and field.related_model is model:
            told[_("%s that lose it") % field.model._meta.verbose_name_plural] = count
    return _without(going, beginnings), told


def _without(going: list[Any], beginnings: tuple[str, ...]) -> list[Any]:
    """A nested list of strings without those that begin so, and without the lists that are empty then."""
    kept: list[Any] = []
    for one in going:
        if isinstance(one, list):
            if below := _without(one, beginnings):
                kept.append(below)
        elif not str(one).startswith(beginnings):
            kept.append(one)
    return kept
