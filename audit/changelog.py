"""Reading history: each change as who, when, from which source, why, and every field before and after.

Reads whatever models are registered; knows none of them by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.act import Source
from audit.differences import (
    CHANGED,
    CREATED,
    DELETED,
    FieldChange,
    Pair,
    RelatedNames,
    changes_in,
    label_of,
    not_shown,
)
from audit.private_hooks import lists_in_history
from audit.reader import Reader
from audit.reasons import names_others, rows_that_name_others
from audit.wording import called

if TYPE_CHECKING:
    from audit.models import HistoryRow
    from audit.private_hooks import ManyToManyField


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
            # In UTC, as the database asks for it: at the ends of the calendar there is no such moment.
            return cls(moment.astimezone(UTC), model, int(history_id)) if timezone.is_aware(moment) else None
        except (ValueError, OverflowError):
            return None


@dataclass
class LogEntry:
    """One change of one record."""

    at: datetime
    actor: str
    source: str
    kind: str
    model_label: str
    record: str
    reason: str
    request_id: UUID
    customer_ref: int | None
    url: str
    history_id: int
    object_pk: int
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
    def source_label(self) -> str:
        """The source in words."""
        return str(Source(self.source).label)

    @property
    def cursor(self) -> Cursor:
        """Where this entry stands in the log."""
        return Cursor(self.at, self.model._meta.label_lower, self.history_id)


@dataclass(frozen=True)
class Query:
    """What somebody looks for in the log. Empty fields do not narrow.

    ``until``: entries before this moment; ``after``: those that follow this place on the page before.
    """

    model: str = ""
    person: str = ""
    words: str = ""
    source: str = ""
    kind: str = ""
    customer: int | None = None
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: Cursor | None = None


def replace_after(query: Query, place: Cursor | None) -> Query:
    """The same question, answered from behind that place on."""
    return replace(query, after=place)


def tracked_models() -> list[type[models.Model]]:
    """Every model that keeps history, in order of its name."""
    found = [m for m in apps.get_models() if hasattr(m._meta, "simple_history_manager_attribute")]
    return sorted(found, key=lambda m: str(m._meta.verbose_name).lower())


def history_of(model: type[models.Model]) -> models.Manager[Any]:
    """The history manager of a model. Its rows are asked for by the fields of that model, which are not known here."""
    manager: models.Manager[Any] = getattr(model, getattr(model._meta, "simple_history_manager_attribute", ""))
    return manager


def readable_models(reader: Reader) -> list[type[models.Model]]:
    """Return the tracked models whose records this reader may see."""
    return [model for model in tracked_models() if reader.reads(model)]


def entries_of(
    record: models.Model, reader: Reader, parts: Mapping[type[models.Model], Q] | None = None, limit: int = 200
) -> list[LogEntry]:
    """Return the history of one record as far as this reader may see it, newest first.

    ``parts``: what belongs to it besides its own row, {model: condition on that model's history}. A row saved without
    any change says nothing and is left out.
    """
    own = {type(record): Q(**{record._meta.pk.attname: record.pk})}
    found: list[LogEntry] = []
    for model, condition in (own | dict(parts or {})).items():
        history = history_of(model).filter(condition & reader.history_of_parts(model))
        found += _telling(model, history.order_by("-history_date", "-history_id"), reader, limit)
    found.sort(key=lambda entry: (entry.at, entry.history_id), reverse=True)
    return found[:limit]


def _telling(
    model: type[models.Model], rows: models.QuerySet[HistoryRow], reader: Reader, limit: int
) -> list[LogEntry]:
    """The first entries of some history rows that say something, ``limit`` at most: rows without a change are left
    out before they are counted, or many of them would hide what lies behind."""
    found: list[LogEntry] = []
    begin = 0
    while len(found) < limit and (piece := list(rows[begin : begin + limit])):
        found += [entry for entry in _entries(model, piece, reader) if entry.changes or entry.kind != CHANGED]
        begin += limit
        if len(piece) < limit:
            break
    return found[:limit]


def newest_of(model: type[models.Model], **condition: object) -> int:
    """The key of the newest history row of the records that fit (field lookups on the history); 0 without any."""
    newest = history_of(model).filter(**condition).order_by("-history_id").values_list("history_id", flat=True)[:1]
    return next(iter(newest), 0)


def entries_since(
    model: type[models.Model], history_id: int, reader: Reader, limit: int = 20, **condition: object
) -> list[LogEntry]:
    """Return what was written after that history row about the records that fit, newest first."""
    rows = history_of(model).filter(reader.history_of_parts(model), **condition, history_id__gt=history_id)
    return _entries(model, list(rows.order_by("-history_id")[:limit]), reader)


def search_log(query: Query, reader: Reader, limit: int = 50) -> list[LogEntry]:
    """Return the newest entries of the log that fit a query and that this reader may see, newest first.

    Costs at most five queries a model, and one more for each related kind when the reader is limited.
    """
    found: list[tuple[datetime, str, int, type[models.Model], HistoryRow]] = []
    for model in _wanted(query, reader):
        condition = _condition(query, reader) & _following(query.after, model) & reader.history(model)
        rows = history_of(model).filter(condition).order_by("-history_date", "-history_id")[:limit]
        found.extend((row.history_date, model._meta.label_lower, row.history_id, model, row) for row in rows)
    found.sort(key=lambda item: item[:3], reverse=True)
    page = found[:limit]
    entries: dict[tuple[str, int], LogEntry] = {}
    for model in {item[3] for item in page}:
        for entry in _entries(model, [item[4] for item in page if item[3] is model], reader):
            entries[model._meta.label_lower, entry.history_id] = entry
    return [entries[label, history_id] for _at, label, history_id, _model, _row in page]


def count(query: Query, reader: Reader, most: int | None = None) -> int:
    """Return how many entries fit, one query a model; beyond ``most`` it stops counting."""
    total = 0
    for model in _wanted(query, reader):
        rows = history_of(model).filter(_condition(query, reader) & reader.history(model))
        total += rows.count() if most is None else rows.order_by()[: most + 1].count()
        if most is not None and total > most:
            break
    return total


def _wanted(query: Query, reader: Reader) -> list[type[models.Model]]:
    return [m for m in readable_models(reader) if not query.model or m._meta.label_lower == query.model]


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


def _condition(query: Query, reader: Reader) -> Q:
    condition = Q()
    if query.person:
        condition &= Q(actor__icontains=query.person)
    if query.words:
        told = Q(history_change_reason__icontains=query.words)
        if reader.is_limited:
            told &= ~rows_that_name_others()
        condition &= Q(label__icontains=query.words) | told
    if query.source:
        condition &= Q(history_source=query.source)
    if query.kind:
        condition &= Q(history_type=query.kind)
    if query.customer is not None:
        condition &= Q(customer_ref=query.customer)
    if query.request_id:
        condition &= Q(request_id=query.request_id)
    if query.since:
        condition &= Q(history_date__gte=query.since)
    if query.until:
        condition &= Q(history_date__lt=query.until)
    return condition


def _with_previous(model: type[models.Model], rows: Sequence[HistoryRow], reader: Reader) -> list[Pair]:
    """Each row with the one before it of the same record: two queries for all."""
    pk = model._meta.pk.attname
    history: type[HistoryRow] = history_of(model).model
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
    keys = [key for key in pairs.values() if key]
    previous = history.objects.in_bulk(keys)
    seen: Collection[int] = previous
    if reader.is_limited:
        seen = set(history.objects.filter(reader.history_of_parts(model), pk__in=keys).values_list("pk", flat=True))
    found = []
    for row in rows:
        key = pairs.get(row.history_id)
        found.append(Pair(row, previous.get(key), hidden=key is not None and key not in seen))
    return found


def _entries(model: type[models.Model], rows: Sequence[HistoryRow], reader: Reader) -> list[LogEntry]:
    pairs = _with_previous(model, rows, reader)
    names = RelatedNames(pairs, reader)
    entries = [_entry(model, pair, names, reader) for pair in pairs]
    for f in lists_in_history(history_of(model).model):
        _add_many(f, pairs, entries, reader)
    return entries


def _add_many(f: ManyToManyField, pairs: Sequence[Pair], entries: Sequence[LogEntry], reader: Reader) -> None:
    """Adds what was added to and taken from a list (labels, roles) to the entries: two queries for all of them."""
    rows = [row for pair in pairs for row in pair.rows()]
    if not rows:
        return
    kept, target = getattr(rows[0], f.name).model, f.m2m_reverse_field_name()
    held: dict[int, set[int]] = {}
    found = kept.objects.filter(history_id__in={row.history_id for row in rows})
    for history_id, key in found.values_list("history_id", f"{target}_id"):
        held.setdefault(history_id, set()).add(key)
    keys = {key for some in held.values() for key in some}
    needed = [one.name for one in f.related_model._meta.fields if isinstance(one, models.ForeignKey) and not one.null]
    related = f.related_model._base_manager.select_related(*needed).in_bulk(keys)
    visible = reader.visible_keys(f.related_model, related)
    names = {key: called(related[key]) if key in visible else _name_of_hidden(key in related) for key in keys}
    for pair, entry in zip(pairs, entries, strict=True):
        after = held.get(pair.row.history_id, set())
        before = held.get(pair.previous.history_id, set()) if pair.previous is not None else set()
        if pair.row.history_type == DELETED:
            # The row of a deletion has empty lists: what was on them stands in the row before.
            before, after = before | after, set()
        if before != after:
            was, became = _lists(names, before, after)
            entry.changes.append(FieldChange(f.name, label_of(f), not_shown() if pair.hidden else was, became))


def _name_of_hidden(exists: bool) -> str:
    return not_shown() if exists else _("(deleted)")


def _lists(names: dict[int, str], before: set[int], after: set[int]) -> tuple[str, str]:
    """Two lists in words: whole while they are short, else what was taken (−) and what was added (+)."""

    def words(keys: set[int], mark: str = "") -> str:
        return ", ".join(f"{mark}{name}" for name in sorted(names[key] for key in keys))

    if len(before | after) <= 12:
        return words(before), words(after)
    return words(before - after, "− "), words(after - before, "+ ")


def _reason(row: HistoryRow, reader: Reader) -> str:
    reason = row.history_change_reason or ""
    hidden = bool(reason) and reader.is_limited and names_others(reason, row.history_source)
    return not_shown() if hidden else reason


def _entry(model: type[models.Model], pair: Pair, names: RelatedNames, reader: Reader) -> LogEntry:
    row = pair.row
    pk = getattr(row, model._meta.pk.attname)
    return LogEntry(
        at=row.history_date,
        actor=row.actor,
        source=row.history_source,
        kind=row.history_type,
        model_label=capfirst(str(model._meta.verbose_name)),
        record=row.label or f"#{pk}",
        reason=_reason(row, reader),
        request_id=row.request_id,
        customer_ref=row.customer_ref,
        url=url_of(model, row, pk),
        history_id=row.history_id,
        object_pk=pk,
        model=model,
        changes=changes_in(pair, names),
    )


def url_of(model: type[models.Model], row: HistoryRow, pk: int) -> str:
    """The page of the record, or of the first record it hangs on when it has none of its own; else nothing."""
    hangs_on = [f for f in row.tracked_fields if isinstance(f, models.ForeignKey)]
    places = [] if row.history_type == DELETED else [(model, pk)]
    places += [(f.related_model, getattr(row, f.attname)) for f in hangs_on if not _is_user(f.related_model)]
    for place, key in places:
        if key is not None and (url := console_address_of(place, key)):
            return url
    return ""


def _is_user(model: type[models.Model]) -> bool:
    return bool(model._meta.swappable) or model._meta.label == settings.AUTH_USER_MODEL


def console_address_of(model: type[models.Model], pk: int) -> str:
    """The address of a record's page in the console; empty where its kind has none."""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""
