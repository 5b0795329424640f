"""Reading history: each change as who, when, by which road, why, and every field before and after.

Reads whatever models are registered; knows none of them by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.act import Road

CREATED, CHANGED, DELETED = "+", "~", "-"
# "app.Model" -> how a record of a package's is called where its own name is not for people. Filled by whoever knows.
CALLED: dict[str, Callable[[Any], str]] = {}


@dataclass(frozen=True)
class Cursor:
    """A place in the log. Many rows may share one moment (a bulk change), so the moment alone is none."""

    at: datetime
    model: str
    history_id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.model}~{self.history_id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor written as ``str(cursor)``, or None when it is none."""
        try:
            at, model, history_id = text.split("~")
            moment = datetime.fromisoformat(at)
            return cls(moment, model, int(history_id)) if timezone.is_aware(moment) else None
        except ValueError:
            return None


@dataclass(frozen=True)
class FieldChange:
    """One field of one change, in words."""

    name: str
    label: str
    before: str
    after: str


@dataclass
class Entry:
    """One change of one record."""

    at: datetime
    actor: str
    road: str
    kind: str
    model_label: str
    record: str
    reason: str
    request_id: Any
    customer_ref: int | None
    url: str
    history_id: int
    object_pk: Any
    model: type[models.Model]
    changes: list[FieldChange] = field(default_factory=list)

    @property
    def kind_label(self) -> str:
        """Created, changed or deleted."""
        return {CREATED: _("created"), CHANGED: _("changed"), DELETED: _("deleted")}[self.kind]

    @property
    def kind_colour(self) -> str:
        """The badge of the kind."""
        return {CREATED: "success", CHANGED: "info", DELETED: "danger"}[self.kind]

    @property
    def road_label(self) -> str:
        """The road in words."""
        return str(Road(self.road).label)

    @property
    def cursor(self) -> Cursor:
        """Where this entry stands in the log."""
        return Cursor(self.at, self.model._meta.label_lower, self.history_id)


@dataclass(frozen=True)
class Query:
    """What somebody looks for in the log. Empty fields do not narrow.

    ``customers``: primary keys of the customers the reader is narrowed to, None when she is not; records that hang
    on no customer are then left out. ``until``: entries before this moment; ``after``: those that follow this place
    on the page before.
    """

    model: str = ""
    person: str = ""
    words: str = ""
    road: str = ""
    kind: str = ""
    customer: int | None = None
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: Cursor | None = None
    customers: frozenset[int] | None = None


def replace_after(query: Query, place: Cursor | None) -> Query:
    """The same question, answered from behind that place on."""
    return replace(query, after=place)


def tracked_models() -> list[type[models.Model]]:
    """Every model that keeps history, in order of its name."""
    found = [m for m in apps.get_models() if hasattr(m._meta, "simple_history_manager_attribute")]
    return sorted(found, key=lambda m: str(m._meta.verbose_name).lower())


def history_of(model: type[models.Model]) -> Any:
    """The history manager of a model."""
    return getattr(model, model._meta.simple_history_manager_attribute)  # type: ignore[attr-defined]


def readable_models(user: Any) -> list[type[models.Model]]:
    """The tracked models whose records this person may see."""
    return [m for m in tracked_models() if user.has_perm(f"{m._meta.app_label}.view_{m._meta.model_name}")]


def entries_of(
    record: models.Model, parts: Mapping[type[models.Model], Q] | None = None, limit: int = 200
) -> list[Entry]:
    """The history of one record, newest first, with its fields before and after.

    ``parts``: what belongs to it besides its own row, {model: condition on that model's history}. A row saved without
    any change says nothing and is left out.
    """
    own = {type(record): Q(**{record._meta.pk.attname: record.pk})}  # type: ignore[union-attr]
    found: list[Entry] = []
    for model, condition in (own | dict(parts or {})).items():
        rows = list(history_of(model).filter(condition).order_by("-history_date", "-history_id")[:limit])
        found += _entries(model, _with_previous(model, rows)) if rows else []
    found.sort(key=lambda entry: (entry.at, entry.history_id), reverse=True)
    return [entry for entry in found if entry.changes or entry.kind != CHANGED][:limit]


def newest_of(model: type[models.Model], **condition: Any) -> int:
    """The key of the newest history row of the records that fit (field lookups on the history); 0 without any."""
    newest = history_of(model).filter(**condition).order_by("-history_id").values_list("history_id", flat=True)[:1]
    return next(iter(newest), 0)


def entries_since(model: type[models.Model], history_id: int, limit: int = 20, **condition: Any) -> list[Entry]:
    """What was written after that history row about the records that fit, newest first."""
    rows = history_of(model).filter(**condition, history_id__gt=history_id).order_by("-history_id")[:limit]
    return _entries(model, _with_previous(model, list(rows)))


def search(
    query: Query,
    models_: Sequence[type[models.Model]],
    limit: int = 50,
    narrowing: Callable[[type[models.Model]], Q] | None = None,
) -> list[Entry]:
    """The newest entries over several models that fit a query, newest first: at most five queries a model.

    ``narrowing``: one more condition on the history rows of a model, for whoever may not see them all.
    """
    wanted = [m for m in models_ if not query.model or m._meta.label_lower == query.model]
    found: list[tuple[datetime, str, int, type[models.Model], Any]] = []
    for model in wanted:
        condition = _condition(query) & _following(query.after, model)
        if narrowing:
            condition &= narrowing(model)
        rows = history_of(model).filter(condition).order_by("-history_date", "-history_id")[:limit]
        found.extend((row.history_date, model._meta.label_lower, row.history_id, model, row) for row in rows)
    found.sort(key=lambda item: item[:3], reverse=True)
    page = found[:limit]
    entries: dict[tuple[str, int], Entry] = {}
    for model in {item[3] for item in page}:
        rows = [item[4] for item in page if item[3] is model]
        for entry in _entries(model, _with_previous(model, rows)):
            entries[model._meta.label_lower, entry.history_id] = entry
    return [entries[label, history_id] for _at, label, history_id, _model, _row in page]


def count(
    query: Query,
    models_: Sequence[type[models.Model]],
    narrowing: Callable[[type[models.Model]], Q] | None = None,
    most: int | None = None,
) -> int:
    """How many entries fit a query, one query a model; beyond ``most`` it stops counting."""
    total = 0
    for model in models_:
        if query.model and model._meta.label_lower != query.model:
            continue
        condition = _condition(query) & (narrowing(model) if narrowing else Q())
        rows = history_of(model).filter(condition)
        total += rows.count() if most is None else rows.order_by()[: most + 1].count()
        if most is not None and total > most:
            break
    return total


def _following(after: Cursor | None, model: type[models.Model]) -> Q:
    """Rows of a model that stand behind a place in the log."""
    if after is None:
        return Q()
    label = model._meta.label_lower
    earlier = Q(history_date__lt=after.at)
    if label < after.model:
        return earlier | Q(history_date=after.at)
    if label == after.model:
        return earlier | Q(history_date=after.at, history_id__lt=after.history_id)
    return earlier


def _condition(query: Query) -> Q:
    condition = Q()
    if query.person:
        condition &= Q(actor__icontains=query.person)
    if query.words:
        condition &= Q(label__icontains=query.words) | Q(history_change_reason__icontains=query.words)
    if query.road:
        condition &= Q(road=query.road)
    if query.kind:
        condition &= Q(history_type=query.kind)
    if query.customer is not None:
        condition &= Q(customer_ref=query.customer)
    if query.customers is not None:
        condition &= Q(customer_ref__in=query.customers)
    if query.request_id:
        condition &= Q(request_id=query.request_id)
    if query.since:
        condition &= Q(history_date__gte=query.since)
    if query.until:
        condition &= Q(history_date__lt=query.until)
    return condition


def _with_previous(model: type[models.Model], rows: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Each row with the one before it of the same record: one query for all."""
    pk = model._meta.pk.attname  # type: ignore[union-attr]
    history = history_of(model).model
    before = (
        history.objects.filter(**{pk: models.OuterRef(pk), "history_id__lt": models.OuterRef("history_id")})
        .order_by("-history_id")
        .values("history_id")[:1]
    )
    ids = [row.history_id for row in rows]
    pairs = dict(
        history.objects.filter(history_id__in=ids)
        .annotate(before_id=models.Subquery(before))
        .order_by()
        .values_list("history_id", "before_id")
    )
    previous = history.objects.in_bulk([key for key in pairs.values() if key])
    return [(row, previous.get(pairs.get(row.history_id))) for row in rows]


def _entries(model: type[models.Model], pairs: Sequence[tuple[Any, Any]]) -> list[Entry]:
    names = _Names(pairs)
    entries = [_entry(model, row, previous, names) for row, previous in pairs]
    for f in getattr(history_of(model).model, "_history_m2m_fields", ()):
        _add_many(f, pairs, entries)
    return entries


def _add_many(f: Any, pairs: Sequence[tuple[Any, Any]], entries: Sequence[Entry]) -> None:
    """Adds what was added to and taken from a list (labels, roles) to the entries: two queries for all of them."""
    rows = [row for pair in pairs for row in pair if row is not None]
    if not rows:
        return
    kept, target = getattr(rows[0], f.name).model, f.m2m_reverse_field_name()
    held: dict[int, set[Any]] = {}
    found = kept.objects.filter(history_id__in={row.history_id for row in rows})
    for history_id, key in found.values_list("history_id", f"{target}_id"):
        held.setdefault(history_id, set()).add(key)
    keys = {key for some in held.values() for key in some}
    needed = [one.name for one in f.related_model._meta.fields if isinstance(one, models.ForeignKey) and not one.null]
    related = f.related_model._base_manager.select_related(*needed).in_bulk(keys)
    names = {key: _called(related[key]) if key in related else _("(deleted)") for key in keys}
    for (row, previous), entry in zip(pairs, entries, strict=True):
        after = held.get(row.history_id, set())
        before = held.get(previous.history_id, set()) if previous is not None else set()
        if row.history_type == DELETED:
            before, after = after, set()
        if before != after:
            entry.changes.append(FieldChange(f.name, _label(f), *_lists(names, before, after)))


def _called(record: models.Model) -> str:
    return CALLED.get(record._meta.label, str)(record)


def _lists(names: dict[Any, str], before: set[Any], after: set[Any]) -> tuple[str, str]:
    """Two lists in words: whole while they are short, else what was taken (−) and what was added (+)."""

    def words(keys: set[Any], mark: str = "") -> str:
        return ", ".join(f"{mark}{name}" for name in sorted(names[key] for key in keys))

    if len(before | after) <= 12:
        return words(before), words(after)
    return words(before - after, "− "), words(after - before, "+ ")


def _entry(model: type[models.Model], row: Any, previous: Any, names: _Names) -> Entry:
    pk = getattr(row, model._meta.pk.attname)  # type: ignore[union-attr]
    return Entry(
        at=row.history_date,
        actor=row.actor,
        road=row.road,
        kind=row.history_type,
        model_label=capfirst(str(model._meta.verbose_name)),
        record=row.label or f"#{pk}",
        reason=row.history_change_reason or "",
        request_id=row.request_id,
        customer_ref=row.customer_ref,
        url=_url(model, row, pk),
        history_id=row.history_id,
        object_pk=pk,
        model=model,
        changes=_changes(row, previous, names),
    )


def _url(model: type[models.Model], row: Any, pk: Any) -> str:
    """The page of the record, or of the first record it hangs on when it has none of its own; else nothing."""
    hangs_on = [f for f in row.tracked_fields if isinstance(f, models.ForeignKey)]
    places = [] if row.history_type == DELETED else [(model, pk)]
    places += [(f.related_model, getattr(row, f.attname)) for f in hangs_on if not _is_user(f.related_model)]
    for place, key in places:
        if key is not None and (url := _change_url(place, key)):
            return url
    return ""


def _is_user(model: Any) -> bool:
    return bool(model._meta.swappable) or model._meta.label == settings.AUTH_USER_MODEL


def _change_url(model: Any, pk: Any) -> str:
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""


class _Names:
    """Names of the records that foreign keys point to, fetched per model, not per row."""

    def __init__(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        wanted: dict[type[models.Model], set[Any]] = {}
        for pair in pairs:
            for row in pair:
                if row is not None:
                    for f in row.tracked_fields:
                        if isinstance(f, models.ForeignKey) and getattr(row, f.attname) is not None:
                            wanted.setdefault(f.related_model, set()).add(getattr(row, f.attname))  # type: ignore[arg-type]
        self.names: dict[tuple[type[models.Model], Any], str] = {}
        for model, keys in wanted.items():
            related = [f.name for f in model._meta.fields if isinstance(f, models.ForeignKey) and not f.null]
            for record in model._base_manager.select_related(*related).filter(pk__in=keys):
                self.names[model, record.pk] = _called(record)

    def of(self, model: Any, key: Any) -> str:
        return self.names.get((model, key)) or _("(deleted)")


def _changes(row: Any, previous: Any, names: _Names) -> list[FieldChange]:
    """What differs between a row and the one before it; for a new record, what was filled in."""
    changes: list[FieldChange] = []
    for f in row.tracked_fields:
        if f.primary_key:
            continue
        before = getattr(previous, f.attname) if previous is not None else None
        after = getattr(row, f.attname)
        if row.history_type == DELETED:
            before, after = after, None
        if isinstance(f, models.JSONField):
            changes += _json_changes(f, before, after)
        elif before != after and not (before in (None, "") and after in (None, "")):
            changes.append(FieldChange(f.name, _label(f), _words(f, before, names), _words(f, after, names)))
    return changes


def _label(f: Any) -> str:
    return capfirst(str(f.verbose_name))


def _json_changes(f: Any, before: Any, after: Any) -> list[FieldChange]:
    """A dictionary is compared key by key, so that one changed permission reads as one change. A field that knows how
    to tell its values (``in_words``) or its keys (``key_in_words``) tells them itself."""
    if hasattr(f, "in_words"):
        return [] if before == after else [FieldChange(f.name, _label(f), f.in_words(before), f.in_words(after))]
    if isinstance(before or {}, dict) and isinstance(after or {}, dict):
        old, new = before or {}, after or {}
        called = getattr(f, "key_in_words", str)
        return [
            FieldChange(f"{f.name}.{key}", f"{_label(f)}: {called(key)}", _plain(old.get(key)), _plain(new.get(key)))
            for key in [*new, *(key for key in old if key not in new)]
            if old.get(key) != new.get(key)
        ]
    return [] if before == after else [FieldChange(f.name, _label(f), _plain(before), _plain(after))]


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _words(f: Any, value: Any, names: _Names) -> str:
    if value is None or value == "":
        return ""
    if isinstance(f, models.ForeignKey):
        return names.of(f.related_model, value)
    if f.choices:
        return str(dict(f.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    return str(value)
