"""Taking a request back: its records locked, looked at again, and saved or deleted one by one, like any other."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from audit.act import acting, current_act
from audit.changelog import history_of
from audit.locks import lock_rows
from audit.restore.findings import Finding, Hindered, Key
from audit.restore.obstacles import look_for_obstacles
from audit.restore.plan import Plan, RestoreStep, read_plan
from audit.take_back import take_back_of
from audit.wording import for_the_record, sayings

if TYPE_CHECKING:
    from audit.act import By


class Judge(Protocol):
    """Whoever says what keeps the person who acts from doing it: ``console.taking_back.StaffJudge`` for staff."""

    def before(self, plan: Plan) -> list[Finding]:
        """Return what they may not do by hand either."""

    def after(self, plan: Plan) -> list[Finding]:
        """Return what is beyond their reach, once everything is as it was."""


_TAKEN_BACK = _("Taken back: request %s")


def _short(request_id: uuid.UUID) -> str:
    return str(request_id)[:8]


def says_taken_back(reason: str | None, request_id: uuid.UUID) -> bool:
    """Return whether that is the reason of taking that request back, as Portico writes it."""
    return reason in sayings(_TAKEN_BACK, _short(request_id))


def plan_restore(request_id: uuid.UUID) -> Plan:
    """Return what taking back a request would do, and what stands in the way; nothing is changed.

    Costs a number of queries for each kind of record, whatever their number.
    """
    plan = read_plan(request_id)
    look_for_obstacles(plan)
    return plan


def restore_request(request_id: uuid.UUID, *, by: By, judge: Judge, reason: str = "") -> Plan:
    """Take a request back, all of it but what somebody changed since, in one transaction.

    ``judge``: asked under lock whether ``by`` may do each of it. Returns the plan. Raises Hindered when something
    is in the way; whatever the database or a model refuses beyond that is raised as it is. Then nothing is changed.
    """
    words = reason or for_the_record(_TAKEN_BACK, _short(request_id))
    with transaction.atomic(), acting(by=by, reason=words):
        lock_steps(plan_restore(request_id))
        # Looked at again: what somebody changed until the records were locked is kept.
        plan = plan_restore(request_id)
        if findings := [*plan.obstacles, *judge.before(plan)]:
            raise Hindered(findings)
        for step in _in_order(plan):
            _take(step)
        if connection.vendor == "postgresql":
            # What is checked at the end of the transaction, now: a reference to what has just gone.
            connection.check_constraints()
        if findings := judge.after(plan):
            # It may be another customer's by now.
            raise Hindered(findings)
        return plan


def lock_steps(plan: Plan) -> None:
    """Lock the records that are there until the transaction ends: model by model, those that are referred to first."""
    kinds = _parents_first({step.model for step in plan.steps.values()})
    for model in kinds:
        lock_rows(model, {step.pk for step in plan.steps.values() if step.model is model})


def _take(step: RestoreStep) -> None:
    if step.action != "remove":
        _save(step)
        return
    record = step.model._base_manager.filter(pk=step.pk).first()
    if record is not None:
        remove = take_back_of(step.model).remove
        if remove:
            remove(record, by=current_act().by)
        else:
            record.delete()


def _save(step: RestoreStep) -> None:
    rule = take_back_of(step.model)
    if step.action == "recreate":
        record = step.model(**step.values)
    else:
        record = step.model._base_manager.get(pk=step.pk)
        for name, value in step.values.items():
            setattr(record, name, value)
    if rule.before_save:
        rule.before_save(record, step)
    try:
        record.clean()
        record.validate_constraints()
    except ValidationError as problem:
        why = " ".join(problem.messages)
        raise Hindered([Finding(step.key, _("%(what)s: %(why)s"), words={"why": why})]) from problem
    record.save(force_insert=step.action == "recreate")
    if step.action == "recreate":
        _keep_moments(record, step)
    for name, keys in step.many.items():
        related = getattr(record, name)
        related.set(related.model._base_manager.filter(pk__in=keys))
    if rule.after_save:
        rule.after_save(record, step)


def _keep_moments(record: models.Model, step: RestoreStep) -> None:
    """Give a record that came back the moments that saving sets by itself: it was created when it was, not now."""
    moments = {
        field.attname: step.values[field.attname]
        for field in step.model._meta.concrete_fields
        if getattr(field, "auto_now_add", False) and field.attname in step.values
    }
    if not moments:
        return
    for name, value in moments.items():
        setattr(record, name, value)
    step.model._base_manager.filter(pk=record.pk).update(**moments)
    history = history_of(step.model).filter(**{step.model._meta.pk.attname: record.pk})
    newest = history.order_by("-history_id").values_list("history_id", flat=True).first()
    history_of(step.model).filter(history_id=newest).update(**moments)


def _in_order(plan: Plan) -> Iterator[RestoreStep]:
    """Each step after those it waits for. Else kind by kind, those that are referred to before those that refer; in
    each first the old values, then what comes back. What is removed goes last, in the opposite order."""
    kinds = _parents_first({step.model for step in plan.steps.values()})
    place = {model: number for number, model in enumerate(kinds)}
    steps = sorted(plan.steps.values(), key=lambda step: (place[step.model], step.action == "recreate"))
    wanted = [step for step in steps if step.action != "remove"]
    wanted += [step for step in reversed(steps) if step.action == "remove"]
    done: set[Key] = set()
    for step in wanted:
        yield from _after_others(plan, step, done)


def _after_others(plan: Plan, step: RestoreStep, done: set[Key]) -> Iterator[RestoreStep]:
    """The step, after those it waits for and that were not yet; in a circle one of them has to begin."""
    stack = [(step, iter(_awaited(plan, step)))]
    begun = {step.key}
    while stack:
        current, others = stack[-1]
        other = next((one for one in others if one.key not in done and one.key not in begun), None)
        if other is not None:
            begun.add(other.key)
            stack.append((other, iter(_awaited(plan, other))))
            continue
        stack.pop()
        if current.key not in done:
            done.add(current.key)
            yield current


def _awaited(plan: Plan, step: RestoreStep) -> list[RestoreStep]:
    return [plan.steps[key] for key in plan.waits.get(step.key, ()) if key in plan.steps]


def _parents_first(kinds: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """Kinds of records in an order in which those that are referred to come before those that refer."""
    waiting = sorted(kinds, key=lambda model: model._meta.label)
    found: list[type[models.Model]] = []
    while waiting:
        ready = [model for model in waiting if not (_refers_to(model) & (set(waiting) - {model}))] or waiting
        found += ready
        waiting = [model for model in waiting if model not in ready]
    return found


def _refers_to(model: type[models.Model]) -> set[type[models.Model]]:
    return {f.related_model for f in model._meta.fields if isinstance(f, models.ForeignKey)}
