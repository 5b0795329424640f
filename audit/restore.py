"""Taking back everything one request did, record by record, naming what stands in the way.

PRODUCT.md section 10. A record made in the request is removed, a changed one gets its old values back, a deleted one
returns with its old key; each only as far as nobody touched it since. Records are saved one by one and checked like any
other, so the restoring itself stands in history and can be taken back too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.act import acting
from audit.changelog import CREATED, DELETED, history_of, tracked_models
from audit.wording import for_the_record

# Called with a record that got old values back, before it is saved: what an app derives from its fields.
BEFORE_SAVE: dict[str, Callable[[Any], None]] = {}
# Called with a record that is locked and is to go, in place of its ``delete()``: how an app removes one of its records.
REMOVE: dict[str, Callable[[Any], None]] = {}
# Called with a record that has come back: what an app makes anew of what went with it and has no history.
CAME_BACK: dict[str, Callable[[Any], None]] = {}


@dataclass
class Step:
    """What is to be done with one record.

    ``values``: {field attname: old value}, for a changed record only those to put back; ``many``: {many-to-many field:
    primary keys as they were}.
    """

    model: type[models.Model]
    pk: Any
    deed: str  # "remove", "revert" or "recreate"
    label: str
    values: dict[str, Any] = field(default_factory=dict)
    many: dict[str, set[Any]] = field(default_factory=dict)
    customer_ref: int | None = None


@dataclass
class Plan:
    """What taking a request back would do, and what it would leave, with the reason."""

    request_id: uuid.UUID
    steps: list[Step] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)

    def count(self, deed: str) -> int:
        """How many records are removed, reverted or recreated."""
        return sum(step.deed == deed for step in self.steps)


def plan_restore(request_id: uuid.UUID) -> Plan:
    """What taking back a request would do; nothing is changed. Some three queries for each model it touched."""
    plan = Plan(request_id)
    for model in tracked_models():
        pk_name = model._meta.pk.attname  # type: ignore[union-attr]
        touched: dict[Any, list[Any]] = {}
        for row in history_of(model).filter(request_id=request_id).order_by("history_id"):
            touched.setdefault(getattr(row, pk_name), []).append(row)
        for pk, rows in touched.items():
            _plan_record(plan, model, pk, rows[0], rows[-1])
    return plan


def _plan_record(plan: Plan, model: type[models.Model], pk: Any, first: Any, last: Any) -> None:
    pk_name = model._meta.pk.attname  # type: ignore[union-attr]
    history = history_of(model).filter(**{pk_name: pk})
    before = history.filter(history_id__lt=first.history_id).exclude(history_type=DELETED).first()
    later = history.filter(history_id__gt=last.history_id).last()
    was_there = first.history_type != CREATED
    is_there = last.history_type != DELETED
    label = f"{model._meta.verbose_name} {last.label}"
    if was_there and before is None:
        # Not every record's history begins when it was made: a portal link's begins with the first change.
        plan.clashes.append(
            _("%s: how it was before is not written down, so nothing of it is put back. Change it by hand.") % label
        )
    elif not was_there and is_there:
        if later is None and model._base_manager.filter(pk=pk).exists():
            plan.steps.append(Step(model, pk, "remove", label))
        elif later is not None and not _is_gone(history):
            plan.clashes.append(
                _("%(what)s was changed by %(who)s since and stays.") % {"what": label, "who": later.actor}
            )
    elif was_there and not is_there:
        if model._base_manager.filter(pk=pk).exists():
            plan.clashes.append(_("%s is there again and stays as it is.") % label)
        else:
            plan.steps.append(Step(model, pk, "recreate", label, _values(before), _many(before), last.customer_ref))
    elif was_there:
        _plan_revert(plan, model, pk, before, last, label)


def _is_gone(history: Any) -> bool:
    return bool(history.first().history_type == DELETED)


def _plan_revert(plan: Plan, model: type[models.Model], pk: Any, before: Any, after: Any, label: str) -> None:
    record = model._base_manager.filter(pk=pk).first()
    if record is None:
        plan.clashes.append(_("%s was deleted since.") % label)
        return
    back: dict[str, Any] = {}
    for name, old in _values(before).items():
        new = getattr(after, name)
        if old == new:
            continue
        if getattr(record, name) == new:
            back[name] = old
        else:
            words = {"what": label, "field": model._meta.get_field(name.removesuffix("_id")).verbose_name}  # type: ignore[union-attr]
            plan.clashes.append(_("%(what)s: “%(field)s” was changed since and stays.") % words)
    then, now = _many(before), _many(after)
    many = {name: keys for name, keys in then.items() if keys != now[name]}
    if back or many:
        plan.steps.append(Step(model, pk, "revert", label, back, many))


def _values(row: Any) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row.tracked_fields}


def _many(row: Any) -> dict[str, set[Any]]:
    """The primary keys on the other side of each many-to-many field that history keeps."""
    return {
        f.name: {getattr(pair, f"{f.m2m_reverse_field_name()}_id") for pair in getattr(row, f.name).all()}
        for f in row._history_m2m_fields
    }


def restore_request(request_id: uuid.UUID, *, by: Any, reason: str = "") -> Plan:
    """Takes a request back as far as nothing stands in the way, all in one transaction.

    Returns the plan with the clashes met on the way. Raises ValidationError, and changes nothing, when what would come
    of it breaks a rule of its model; Refused when what hangs on a record keeps it from going.
    """
    words = reason or for_the_record(gettext_lazy("Taken back: request %s"), str(request_id)[:8])
    with transaction.atomic(), acting(by=by, reason=words):
        _lock(plan_restore(request_id).steps)
        # Looked at again: what somebody changed until the records were locked stays.
        plan = plan_restore(request_id)
        for step in _in_order(plan.steps):
            if step.deed == "remove":
                record = step.model._base_manager.get(pk=step.pk)
                REMOVE.get(step.model._meta.label, models.Model.delete)(record)
            else:
                _save(step)
        return plan


def _lock(steps: list[Step]) -> None:
    """Locks the records that are there until the transaction ends: model by model, those that are pointed at first."""
    one_of_each = {step.model: step for step in steps}
    for model in [step.model for step in _parents_first(list(one_of_each.values()))]:
        keys = {step.pk for step in steps if step.model is model}
        locked = model._base_manager.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
        list(locked.values_list("pk"))


def _in_order(steps: list[Step]) -> Iterator[Step]:
    """Model by model, those that are pointed at before those that point; in each, first the old values, which may
    free what a returning record needs (an external ID). What is removed goes last, in the opposite order."""
    staying = [step for step in steps if step.deed != "remove"]
    yield from _parents_first(sorted(staying, key=lambda step: step.deed == "recreate"))
    yield from reversed(list(_parents_first([step for step in steps if step.deed == "remove"])))


def _parents_first(steps: list[Step]) -> Iterator[Step]:
    waiting = list(steps)
    while waiting:
        open_models = {step.model for step in waiting}
        ready = [s for s in waiting if not (_points_at(s.model) & (open_models - {s.model}))] or waiting
        yield from ready
        waiting = [step for step in waiting if step not in ready]


def _points_at(model: type[models.Model]) -> set[Any]:
    return {f.related_model for f in model._meta.fields if isinstance(f, models.ForeignKey)}


def _save(step: Step) -> None:
    if step.deed == "recreate":
        record = step.model(**step.values)
        record._state.adding = True
    else:
        record = step.model._base_manager.get(pk=step.pk)
        for name, value in step.values.items():
            setattr(record, name, value)
    if prepare := BEFORE_SAVE.get(step.model._meta.label):
        prepare(record)
    try:
        record.clean()
        record.validate_constraints()
    except ValidationError as problem:
        raise ValidationError([f"{step.label}: {sentence}" for sentence in problem.messages]) from problem
    record.save(force_insert=step.deed == "recreate")
    for name, keys in step.many.items():
        related = getattr(record, name)
        related.set(related.model._base_manager.filter(pk__in=keys))
    if step.deed == "recreate" and (welcome := CAME_BACK.get(step.model._meta.label)):
        welcome(record)
