"""What taking a request back would do, read off the histories; nothing is changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Max, OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.changelog import history_of, tracked_models
from audit.differences import CREATED, DELETED
from audit.emptiness import through_of
from audit.private_hooks import lists_in_history
from audit.referrers import field_of
from audit.restore.findings import Finding, Key
from audit.take_back import Action, take_back_of

if TYPE_CHECKING:
    from audit.models import HistoryRow

# A larger request (an import) is undone on a page of its own.
MOST = 2_000
# Keys named in one statement.
PORTION = 1_000


@dataclass
class RestoreStep:
    """What is to be done with one record.

    ``values``: {field attname: old value}, for a changed record only those to put back; ``many``: {many-to-many field:
    primary keys as they were}. ``label``: its name in history. ``record``: as it is now, None where it is gone.
    """

    model: type[models.Model]
    pk: int
    action: Action
    label: str
    values: dict[str, Any] = field(default_factory=dict)
    many: dict[str, set[int]] = field(default_factory=dict)
    record: models.Model | None = None
    customer_ref: int | None = None

    @property
    def key(self) -> Key:
        """The record it is about."""
        return self.model, self.pk

    def candidate(self) -> models.Model:
        """Return the record as it would be afterwards, not saved."""
        if self.record is None:
            return self.model(**self.values)
        values = {f.attname: self.record.__dict__.get(f.attname) for f in self.model._meta.concrete_fields}
        record = self.model(**(values | self.values))
        record._state.adding = False
        return record


@dataclass
class Plan:
    """What taking a request back would do.

    ``kept``: what it would leave as it is, with the reason; ``obstacles``: what rules it out as a whole; ``lost``: what
    deleted records come back without, in sentences. ``touched``: how many records the request created, changed or
    deleted; with more than MOST there are no steps. ``waits``: {record: those whose steps come before its own}.
    """

    request_id: uuid.UUID
    steps: dict[Key, RestoreStep] = field(default_factory=dict)
    kept: list[Finding] = field(default_factory=list)
    obstacles: list[Finding] = field(default_factory=list)
    lost: list[str | Promise] = field(default_factory=list)
    touched: int = 0
    waits: dict[Key, set[Key]] = field(default_factory=dict)

    @property
    def is_too_large(self) -> bool:
        """Return whether it touched more than is taken back at once."""
        return self.touched > MOST

    def count(self, action: Action) -> int:
        """Return how many records are removed, reverted or recreated."""
        return sum(step.action == action for step in self.steps.values())

    def does(self, action: Action, key: Key) -> bool:
        """Return whether that is what happens to that record."""
        step = self.steps.get(key)
        return step is not None and step.action == action

    def keys(self, action: Action) -> dict[type[models.Model], set[int]]:
        """Return the records with that action, by kind."""
        found: dict[type[models.Model], set[int]] = {}
        for step in self.steps.values():
            if step.action == action:
                found.setdefault(step.model, set()).add(step.pk)
        return found

    def wait(self, key: Key, other: Key) -> None:
        """Note that the step of one record comes after that of the other."""
        self.waits.setdefault(key, set()).add(other)


def read_plan(request_id: uuid.UUID) -> Plan:
    """Return what a request did and how it would be taken back, without what stands in the way.

    Costs a number of queries for each kind of record, whatever their number.
    """
    plan = Plan(request_id)
    touched = _touched_by(request_id)
    plan.touched = sum(map(len, touched.values()))
    if not plan.is_too_large:
        for model, keys in touched.items():
            _Reading(plan, model, keys).read()
    return plan


def _touched_by(request_id: uuid.UUID) -> dict[type[models.Model], set[int]]:
    """{kind: the records that a request touched}, all kinds in one question: few requests touch more than two."""
    kinds = tracked_models()
    found: dict[type[models.Model], set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(*_question(kinds, request_id))
        for number, pk in sorted(cursor.fetchall()):
            found.setdefault(kinds[number], set()).add(pk)
    return found


def _question(kinds: list[type[models.Model]], request_id: uuid.UUID) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    parts, values = [], []
    for number, model in enumerate(kinds):
        meta = history_of(model).model._meta
        request, key = meta.get_field("request_id"), meta.get_field(model._meta.pk.name)
        parts.append(
            f"SELECT {number}, {quote(key.column)} FROM {quote(meta.db_table)} WHERE {quote(request.column)} = %s"  # noqa: S608
        )
        values.append(request.get_db_prep_value(request_id, connection))
    return " UNION ALL ".join(parts), values


def _pk_of(model: type[models.Model]) -> str:
    return model._meta.pk.attname


class _Reading:
    """The history of the records of one kind that a request touched."""

    def __init__(self, plan: Plan, model: type[models.Model], keys: set[int]) -> None:
        self.plan, self.model = plan, model
        self.history: type[HistoryRow] = history_of(model).model
        self.pk = _pk_of(model)
        rows = self.history.objects.filter(request_id=plan.request_id).order_by("history_id")
        self.rows: dict[int, list[HistoryRow]] = {}
        for row in rows:
            self.rows.setdefault(getattr(row, self.pk), []).append(row)
        self.before = self._rows_before([rows[0].history_id for rows in self.rows.values()])
        self.newest = self._newest(keys)
        self.present = {key: record for part in _portions(keys) for key, record in _in_bulk(model, part).items()}
        self.lists = self._lists([*self.before.values(), *(rows[-1] for rows in self.rows.values())])

    def _rows_before(self, first: list[int]) -> dict[int, HistoryRow]:
        """{primary key: the row before the request's own, in which the record was there}."""
        earlier = self.history.objects.filter(**{self.pk: OuterRef(self.pk), "history_id__lt": OuterRef("history_id")})
        newest = earlier.exclude(history_type=DELETED).order_by("-history_id").values("history_id")[:1]
        found: dict[int, HistoryRow] = {}
        for part in _portions(first):
            ours = self.history.objects.filter(history_id__in=part).annotate(before=Subquery(newest)).order_by()
            pairs = dict(ours.exclude(before=None).values_list(self.pk, "before"))
            rows = self.history.objects.in_bulk(list(pairs.values()))
            found |= {key: rows[before] for key, before in pairs.items()}
        return found

    def _newest(self, keys: Iterable[int]) -> dict[int, HistoryRow]:
        """{primary key: the newest row of all}."""
        found: dict[int, HistoryRow] = {}
        for part in _portions(keys):
            rows = self.history.objects.filter(**{f"{self.pk}__in": part}).order_by()
            last = dict(rows.values_list(self.pk).annotate(Max("history_id")))
            found |= {getattr(row, self.pk): row for row in self.history.objects.in_bulk(list(last.values())).values()}
        return found

    def _lists(self, rows: Iterable[HistoryRow]) -> dict[int, dict[str, set[int]]]:
        """{row of history: {many-to-many field: primary keys on the other side}}."""
        ids = {row.history_id for row in rows}
        found: dict[int, dict[str, set[int]]] = {}
        for one in lists_in_history(self.history):
            for history_id in ids:
                found.setdefault(history_id, {})[one.name] = set()
            kept = getattr(self.history(), one.name).model._base_manager
            other = f"{one.m2m_reverse_field_name()}_id"
            for part in _portions(ids):
                for history_id, key in kept.filter(history__in=part).values_list("history_id", other):
                    found[history_id][one.name].add(key)
        return found

    def read(self) -> None:
        for key, rows in self.rows.items():
            self._read_record(key, rows[0], rows[-1])

    def _read_record(self, pk: int, first: HistoryRow, last: HistoryRow) -> None:
        before = self.before.get(pk)
        newest, record = self.newest[pk], self.present.get(pk)
        was_there, is_there = first.history_type != CREATED, last.history_type != DELETED
        step = RestoreStep(self.model, pk, "remove", last.label, record=record, customer_ref=last.customer_ref)
        if was_there and before is None:
            # Not every record's history begins when it was made: a portal link's begins with the first change.
            self._keep(
                step, _("%(what)s: earlier values were not recorded, so nothing is restored. Change it by hand.")
            )
        elif not was_there and is_there:
            if record is not None and newest == last:
                self._take(step)
            elif newest.history_type != DELETED and record is not None:
                words = {"who": newest.actor}
                self._keep(step, _("%(what)s has since been changed by %(who)s, so it is kept."), words)
        elif was_there and before is not None and not is_there:
            if record is not None:
                self._keep(step, _("%(what)s exists again, so it is kept as it is."))
            else:
                step.action, step.values, step.many = "recreate", _values(before), self.lists.get(before.history_id, {})
                self._take(step)
        elif was_there and before is not None:
            step.action = "revert"
            self._revert(step, before, last)

    def _revert(self, step: RestoreStep, before: HistoryRow, after: HistoryRow) -> None:
        if step.record is None:
            self._keep(step, _("%(what)s has since been deleted."))
            return
        fixed = take_back_of(self.model).fixed
        for name, old in _values(before).items():
            new, field_name = getattr(after, name), field_of(self.model, name).name
            if old == new:
                continue
            if field_name in fixed:
                self._keep(step, fixed[field_name])
            elif getattr(step.record, name) == new:
                step.values[name] = old
            else:
                self._changed_since(step, field_name)
        then, became = self.lists.get(before.history_id, {}), self.lists.get(after.history_id, {})
        for name, keys in then.items():
            if keys == became[name]:
                continue
            if name in fixed:
                self._keep(step, fixed[name])
            elif self._listed_now(step, name) == became[name]:
                step.many[name] = keys
            else:
                self._changed_since(step, name)
        if step.values or step.many:
            self._take(step)

    def _listed_now(self, step: RestoreStep, name: str) -> set[int]:
        [many] = [one for one in lists_in_history(self.history) if one.name == name]
        rows = through_of(many)._base_manager.filter(**{many.m2m_field_name(): step.pk})
        return set(rows.values_list(f"{many.m2m_reverse_field_name()}_id", flat=True))

    def _changed_since(self, step: RestoreStep, name: str) -> None:
        words = {"field": field_of(self.model, name).verbose_name}
        self._keep(step, _("%(what)s: “%(field)s” has since been changed, so it is kept."), words)

    def _take(self, step: RestoreStep) -> None:
        self.plan.steps[step.key] = step

    def _keep(self, step: RestoreStep, sentence: Promise, words: Mapping[str, str | Promise] | None = None) -> None:
        self.plan.kept.append(Finding(step.key, sentence, words=words or {}))


def _values(row: HistoryRow) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row.tracked_fields}


def _in_bulk(model: type[models.Model], keys: list[int]) -> dict[int, models.Model]:
    return {record.pk: record for record in model._base_manager.filter(pk__in=keys)}


def _portions(keys: Iterable[int]) -> Iterable[list[int]]:
    waiting = list(keys)
    return [waiting[start : start + PORTION] for start in range(0, len(waiting), PORTION)]
