"""Changes that are security events, read off history: whatever the source of the change, it is noted.

``watch(PermissionOverride, Kind.RIGHTS_CHANGED)`` notes each row of its history; ``watch(User, fields={...})`` each in
which one of the fields differs from before. Declared beside the model, as its history is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.models import HistoryRow, SecurityEvent
from audit.private_hooks import lists_in_history, loaded_relations
from audit.referrers import field_of
from audit.security_events import note_once_committed
from audit.wording import called, office_language

if TYPE_CHECKING:
    from audit.private_hooks import Field, ManyToManyField

Kind = SecurityEvent.Kind
# The kind of event that a new value makes.
KindOf = Callable[[object], SecurityEvent.Kind]
CREATED, CHANGED, DELETED = "+", "~", "-"
# Names of roles or permissions told of one change; of more their number.
NAMES_TOLD = 8


@dataclass(frozen=True)
class Watch:
    """What of a model is noted: every row of its history as one kind, new ones as another, fields that differ."""

    every: SecurityEvent.Kind | None = None
    made: SecurityEvent.Kind | None = None
    fields: Mapping[str, SecurityEvent.Kind | KindOf] = field(default_factory=dict)


_watched: dict[str, Watch] = {}


def watch(
    model: type[models.Model],
    every: SecurityEvent.Kind | None = None,
    *,
    made: SecurityEvent.Kind | None = None,
    fields: Mapping[str, SecurityEvent.Kind | KindOf] | None = None,
) -> None:
    """Have changes of a model that keeps history noted as security events."""
    _watched[model._meta.label] = Watch(every, made, fields or {})


def watched() -> dict[str, Watch]:
    """Return what is noted, by the label of the model."""
    return dict(_watched)


def look_at(record: models.Model, row: HistoryRow) -> None:
    """Note what a new row of history says, if it is watched. Costs queries only for models whose fields are."""
    watching = _watched.get(record._meta.label)
    if watching is None:
        return
    with office_language():
        if watching.every:
            note_once_committed(
                watching.every, about=_named(record, row.label), detail=_action_in_words(row.history_type)
            )
        if row.history_type == CREATED:
            if watching.made:
                note_once_committed(watching.made, about=row.label)
            _look_at_fields(record, row, None, watching)
        elif row.history_type == CHANGED and watching.fields:
            _look_at_fields(record, row, _row_before(record, row), watching)


def look_at_many(model: type[models.Model], count: int, history_type: str) -> None:
    """Note that many records were made or deleted at once, if every change of the model is watched."""
    watching = _watched.get(model._meta.label)
    if watching is not None and watching.every and count:
        with office_language():
            about = f"{count} × {model._meta.verbose_name_plural}"
            note_once_committed(watching.every, about=about, detail=_action_in_words(history_type))


def _action_in_words(history_type: str) -> str:
    return {CREATED: _("created"), CHANGED: _("changed"), DELETED: _("deleted")}[history_type]


def _named(record: models.Model, label: str) -> str:
    """The record with its kind, and what it hangs on as far as that is loaded: nothing is fetched for it."""
    loaded = loaded_relations(record)
    related = [loaded.get(f.name) for f in record._meta.concrete_fields if f.is_relation]
    # A permission is said in words by the name of the record: "Acme, Dana: see it".
    named = [one for one in related if one is not None and not isinstance(one, Permission) and _is_cheap(one)]
    names = [getattr(one, "email", "") or str(one) for one in named]
    told = ", ".join([label, *(name for name in names if name not in label)])
    return f"{capfirst(str(record._meta.verbose_name))}: {told}"


def _is_cheap(record: models.Model) -> bool:
    """Can it be named without a query? Names of records are made of what hangs beside them."""
    loaded = loaded_relations(record)
    return all(f.name in loaded or getattr(record, f.attname) is None for f in record._meta.fields if f.is_relation)


def _row_before(record: models.Model, row: HistoryRow) -> HistoryRow | None:
    pk = record._meta.pk.attname
    earlier = type(row).objects.filter(**{pk: record.pk}, history_id__lt=row.history_id)
    before: HistoryRow | None = earlier.order_by("-history_id").first()
    return before


def _look_at_fields(record: models.Model, row: HistoryRow, before: HistoryRow | None, watching: Watch) -> None:
    lists = {f.name: f for f in lists_in_history(type(row))}
    told: dict[SecurityEvent.Kind, list[str]] = {}
    for name, kind in watching.fields.items():
        if name in lists:
            words, value = _list_words(lists[name], row, before), None
        else:
            f, value = field_of(type(record), name), getattr(row, name)
            old = getattr(before, name) if before is not None else f.get_default()
            words = _words(f, old, value)
        if not words:
            continue
        if isinstance(kind, SecurityEvent.Kind):
            told.setdefault(kind, []).append(words)
        else:
            # One kind for on and one for off.
            told.setdefault(kind(value), []).append(_("switched on") if value else _("switched off"))
    for kind, sentences in told.items():
        if row.history_type == CREATED and kind != Kind.RIGHTS_CHANGED:
            # A new account has an address; nothing was changed.
            continue
        note_once_committed(kind, about=_account_words(record, row), detail="; ".join(sentences))


def _account_words(record: models.Model, row: HistoryRow) -> str:
    email = getattr(record, "email", "")
    return f"{row.label} ({email})" if email and email != row.label else str(row.label)


def _words(f: Field, old: object, new: object) -> str:
    """What changed, in words; empty when nothing did."""
    if old == new:
        return ""
    label = capfirst(str(f.verbose_name))
    before, after = old or {}, new or {}
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
        words = getattr(f, "key_in_words", str)
        return f"{label}: " + ", ".join(f"{words(key)}: {_plain(after.get(key))}" for key in keys)
    if isinstance(old or new, datetime):
        return label
    return f"{label}: {_plain(old)} → {_plain(new)}"


def _plain(value: object) -> str:
    if value is None or value == "":
        return "–"
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)


def _list_words(f: ManyToManyField, row: HistoryRow, before: HistoryRow | None) -> str:
    kept, target = getattr(row, f.name).model, f"{f.m2m_reverse_field_name()}_id"
    held: dict[int, set[int]] = {}
    rows = {one.history_id for one in (row, before) if one is not None}
    for history_id, key in kept.objects.filter(history_id__in=rows).values_list("history_id", target):
        held.setdefault(history_id, set()).add(key)
    after, earlier = (
        held.get(row.history_id, set()),
        held.get(before.history_id, set()) if before is not None else set(),
    )
    changes = [("+", after - earlier), ("−", earlier - after)]
    told = [f"{sign} {_names(f, keys)}" for sign, keys in changes if keys]
    return f"{capfirst(str(f.verbose_name))}: {', '.join(told)}" if told else ""


def _names(f: ManyToManyField, keys: set[int]) -> str:
    if len(keys) > NAMES_TOLD:
        return str(len(keys))
    needed = [one.name for one in f.related_model._meta.fields if isinstance(one, models.ForeignKey) and not one.null]
    return ", ".join(sorted(map(called, f.related_model._base_manager.filter(pk__in=keys).select_related(*needed))))
