"""May a record be deleted? What hangs on it keeps it, wherever somebody tries.

What the database protects keeps a record of any kind. A kind that is put away rather than deleted (a customer, a
worker) is kept by everything else that refers to it as well; its model names what goes along::

    goes_along = ("contacts", "locations")
"""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.contrib.admin.utils import NestedObjects
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from console.errors import Refused
from console.reader import Reader, count_for

# Names, and below each of them the list of what hangs on it.
Names = list["str | Names"]


def held_by(record: models.Model, reader: Reader) -> list[str]:
    """Return what keeps a record from being deleted, in numbers: "12 jobs". A query for each kind of thing that may.

    What this reader may not see is not counted, only said: "other records you can't see".
    """
    held, others = [], False
    for relation in record._meta.related_objects:
        if not _keeps(relation, record):
            continue
        related: type[models.Model] = relation.related_model
        counted = count_for(reader, related._base_manager.filter(**{relation.field.name: record.pk}))
        if counted.seen:
            name = related._meta.verbose_name if counted.seen == 1 else related._meta.verbose_name_plural
            held.append(f"{counted.seen} {name}")
        others = others or counted.others
    return [*held, _("other records you can't see")] if others else held


def _keeps(relation: ForeignObjectRel, record: models.Model) -> bool:
    if relation.on_delete is models.PROTECT:
        return True
    return (
        is_put_away(record)
        and not relation.hidden
        and relation.get_accessor_name() not in getattr(record, "goes_along", ())
    )


def is_put_away(record: models.Model) -> bool:
    """Is a record of that kind archived rather than deleted?"""
    return hasattr(record, "goes_along")


def why_kept(record: models.Model, reader: Reader) -> str:
    """Return why that record cannot be deleted, and what to do instead where it can be put away; empty when it can."""
    held = held_by(record, reader)
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


def require_deletable(record: models.Model, reader: Reader) -> None:
    """Raises Refused, with the sentence for that reader, when something hangs on it."""
    if kept := why_kept(record, reader):
        raise Refused(kept)


def what_goes_along(records: Sequence[models.Model], reader: Reader) -> tuple[Names, dict[str, int]]:
    """Return what is deleted with records of one kind, as far as this reader may see it.

    A nested list of names and, for each kind, how many there are. Rows that only join two records have no name; of
    those that put the record on somebody's list it is counted who loses it: "customers that lose it". What the reader
    may not see is neither named nor counted, only said.
    """
    model = type(records[0])
    collector = NestedObjects(using=DEFAULT_DB_ALIAS, origin=records)
    collector.collect(list(records))
    joins = _joins()
    seen: dict[type[models.Model], frozenset[int]] = {}
    counts: dict[str, int] = {}
    others = False
    # By models: the stubs take the keys for names.
    collected: dict[type[models.Model], set[models.Model]] = collector.model_objs  # type: ignore[assignment]  # theirs: str
    for kind, found in collected.items():
        if kind in joins:
            if joins[kind].related_model is model:
                owners = {getattr(row, f"{joins[kind].m2m_field_name()}_id") for row in found}
                visible = reader.visible_keys(joins[kind].model, owners)
                others = others or len(visible) < len(owners)
                if visible:
                    counts[_("%s that lose it") % joins[kind].model._meta.verbose_name_plural] = len(visible)
            continue
        seen[kind] = reader.visible_keys(kind, [row.pk for row in found])
        others = others or len(seen[kind]) < len(found)
        if seen[kind]:
            counts[str(kind._meta.verbose_name_plural)] = len(seen[kind])

    def called(record: models.Model) -> str:
        if record.pk not in seen.get(type(record), ()):
            return ""
        return f"{capfirst(str(record._meta.verbose_name))}: {record}"

    named = _without_nameless(collector.nested(called))
    return [*named, capfirst(_("other records you can't see"))] if others else named, counts


def _joins() -> dict[type[models.Model], models.ManyToManyField]:
    """The tables that only join two records: {model of the table: the list it is of}."""
    fields: list[models.ManyToManyField] = [
        field for owner in apps.get_models() for field in owner._meta.local_many_to_many
    ]
    tables = ((field.remote_field.through, field) for field in fields)
    return {through: field for through, field in tables if through is not None and through._meta.auto_created}


def _without_nameless(going: Names) -> Names:
    """A nested list of names without the empty ones, and without the lists that are empty then."""
    kept: Names = []
    for one in going:
        if isinstance(one, list):
            if below := _without_nameless(one):
                kept.append(below)
        elif one:
            kept.append(one)
    return kept
