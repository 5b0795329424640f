"""Who has a unique value now that an old value would need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, OrderBy, Q, Value
from django.db.models.lookups import Exact
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.named import FormOf
from audit.referrers import field_of
from audit.restore.findings import Finding, Key
from audit.restore.plan import Plan, RestoreStep

if TYPE_CHECKING:
    from audit.private_hooks import Field


@dataclass(frozen=True)
class _Unique:
    """One rule by which values are unique: of these fields together, among the rows that meet a condition.

    ``asked``: the fields that the condition is about. ``expressions``: the rule is about these instead of the fields as
    they are. ``words``: what it says when it is broken, empty where the field says enough.
    """

    fields: tuple[Field, ...]
    condition: Q | None = None
    condition_fields: tuple[Field, ...] = ()
    expressions: tuple[Any, ...] = ()
    words: str | Promise = ""

    @property
    def about(self) -> set[str]:
        """The columns it looks at. A form of a name changes with the name."""
        columns = (
            field.of if isinstance(field, FormOf) else field.attname for field in (*self.fields, *self.condition_fields)
        )
        return set(columns)


def rivals_in(plan: Plan) -> list[Finding]:
    """Return what is found about steps that need a unique value somebody else has.

    Where the plan itself frees the value, the step is made to wait. A query for each kind of record and rule.
    """
    found: dict[tuple[Key, int], Finding] = {}
    for model in {step.model: None for step in plan.steps.values() if step.action != "remove"}:
        steps = [step for step in plan.steps.values() if step.model is model and step.action != "remove"]
        for rule in _rules_of(model):
            # A record that comes back touches everything.
            touching = [step for step in steps if step.action == "recreate" or rule.about & set(step.values)]
            for step, pk in _meetings(rule, touching):
                if not _frees(plan, step, pk, rule):
                    found.setdefault((step.key, pk), _finding(step, pk, rule))
    return list(found.values())


def _rules_of(model: type[models.Model]) -> Iterator[_Unique]:
    meta = model._meta
    for field in meta.concrete_fields:
        if field.unique and not field.primary_key:
            yield _Unique((field,))
    for names in meta.unique_together:
        yield _Unique(tuple(field_of(model, name) for name in names))
    for rule in meta.constraints:
        if isinstance(rule, models.UniqueConstraint):
            fields = tuple(field_of(model, name) for name in rule.fields or _named_in_expressions(rule.expressions))
            condition_fields = tuple(field_of(model, name) for name in _named_in(rule.condition))
            words = rule.violation_error_message or ""
            yield _Unique(fields, rule.condition, condition_fields, tuple(rule.expressions), words)


def _named_in(condition: Q | None) -> Iterator[str]:
    """The fields a condition speaks of, by name."""
    for child in condition.children if condition is not None else ():
        if isinstance(child, Q):
            yield from _named_in(child)
        else:
            yield str(child[0]).split("__")[0]  # type: ignore[index]  # a pair, as in all conditions of ours


def _named_in_expressions(expressions: Sequence[Any]) -> Iterator[str]:
    for expression in expressions:
        for part in expression.flatten():
            if isinstance(part, F):
                yield str(part.name)  # type: ignore[attr-defined]  # not in the stubs


def _meetings(rule: _Unique, steps: list[RestoreStep]) -> Iterator[tuple[RestoreStep, int]]:
    """(step, primary key of whoever has the values it needs)."""
    if not steps:
        return
    candidates = [(step, step.candidate()) for step in steps]
    if rule.expressions:
        for step, candidate in candidates:
            yield from ((step, pk) for pk in _same_by_expression(rule, candidate))
        return
    wanted: dict[tuple[object, ...], list[tuple[RestoreStep, models.Model]]] = {}
    for step, candidate in candidates:
        values = tuple(_value(field, candidate) for field in rule.fields)
        if None not in values:
            wanted.setdefault(values, []).append((step, candidate))
    if not wanted:
        return
    rows = steps[0].model._base_manager.filter(rule.condition or Q())
    rows = rows.filter(**{f"{rule.fields[0].attname}__in": {values[0] for values in wanted}})
    for pk, *values_there in rows.order_by("pk").values_list("pk", *(field.attname for field in rule.fields)):
        for step, candidate in wanted.get(tuple(values_there), ()):
            if pk != step.pk and _meets(rule, candidate):
                yield step, pk


def _value(field: Field, candidate: models.Model) -> object:
    if isinstance(field, FormOf):
        return field.form_of(getattr(candidate, field.of))
    return getattr(candidate, field.attname)


def _same_by_expression(rule: _Unique, candidate: models.Model) -> Iterator[int]:
    """Keys of others that say the same after a function: an address whatever its case."""
    values = {F(field.name): Value(getattr(candidate, field.attname), field) for field in rule.fields}
    same = [Exact(one, one.replace_expressions(values)) for one in map(_bare, rule.expressions)]
    others = type(candidate)._base_manager.filter(rule.condition or Q(), *same).exclude(pk=candidate.pk)
    yield from others.order_by("pk").values_list("pk", flat=True)[:1]


def _bare(expression: Any) -> Any:
    return expression.expression if isinstance(expression, OrderBy) else expression


def _meets(rule: _Unique, candidate: models.Model) -> bool:
    """Is the record one of those among which the values are unique?"""
    if rule.condition is None:
        return True
    values = {field.name: Value(getattr(candidate, field.attname), field) for field in rule.condition_fields}
    return rule.condition.check(values)


def _frees(plan: Plan, step: RestoreStep, pk: int, rule: _Unique) -> bool:
    """Does the plan itself take the values from whoever has them? Then the step comes after that."""
    other = plan.steps.get((step.model, pk))
    if other is None or not (other.action == "remove" or rule.about & set(other.values)):
        return False
    plan.wait(step.key, other.key)
    return True


def _finding(step: RestoreStep, pk: int, rule: _Unique) -> Finding:
    other = (step.model, pk)
    if rule.words:
        sentence = _("%(what)s can't be restored, because %(others)s is in its place. %(why)s")
        return Finding(step.key, sentence, (other,), {"why": rule.words})
    if len(rule.fields) > 1 or isinstance(rule.fields[0], models.ForeignKey):
        return Finding(step.key, _("%(what)s can't be restored, because %(others)s is in its place."), (other,))
    [field] = rule.fields
    sentence = _("%(what)s needs the %(field)s “%(value)s”, which %(others)s has now. Change that one first.")
    words = {"field": str(field.verbose_name), "value": str(getattr(step.candidate(), field.attname))}
    return Finding(step.key, sentence, (other,), words)
