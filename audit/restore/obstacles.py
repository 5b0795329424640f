"""What stands in the way of a plan: said before anything is done, and asked again once the records are locked.

Whatever refers to a record that would go, whatever an old value refers to and is gone, whoever has a unique value now,
what a model's own rules say, and what its app says (``audit.take_back``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit.emptiness import through_of
from audit.history import is_part_of
from audit.models import HistoryRow
from audit.restore.findings import Finding, Key
from audit.restore.plan import Plan, RestoreStep
from audit.restore.rivals import rivals_in
from audit.take_back import take_back_of

if TYPE_CHECKING:
    from audit.private_hooks import Field, ForeignObject, ManyToManyField, OnDelete

# So many of what refers to the records of one kind are looked at.
MANY = 1_000


def look_for_obstacles(plan: Plan) -> None:
    """Fill in what is kept, what is lost and what stands in the way. A number of queries for each kind of record."""
    _leave_what_is_never_taken_back(plan)
    _say_what_is_lost(plan)
    for model, keys in plan.keys("remove").items():
        _look_at_what_refers(plan, model, keys)
    _look_at_what_is_referred_to(plan)
    plan.obstacles += rivals_in(plan)
    hindered = {finding.what for finding in plan.obstacles}
    for step in plan.steps.values():
        if step.key not in hindered:
            plan.obstacles += _own_rules(plan, step)


def is_tracked(model: type[models.Model]) -> bool:
    """Return whether records of that kind have a history."""
    return hasattr(model._meta, "simple_history_manager_attribute")


# --- what is never taken back


def _leave_what_is_never_taken_back(plan: Plan) -> None:
    for step in list(plan.steps.values()):
        rule = take_back_of(step.model)
        never, kept = rule.never.get(step.action), rule.kept.get(step.action)
        sentence = never or kept
        if not sentence:
            continue
        along = [key for key in _belongs_to(step) if plan.does(step.action, key)]
        if step.action == "remove" and along:
            continue  # goes with it
        del plan.steps[step.key]
        finding = Finding(step.key, sentence)
        (plan.obstacles if never and not along else plan.kept).append(finding)


def _belongs_to(step: RestoreStep) -> Iterator[Key]:
    """The records with which it is deleted."""
    for field in step.model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE:
            values = step.values if step.record is None else step.record.__dict__
            if values.get(field.attname) is not None:
                yield field.related_model, values[field.attname]


def _say_what_is_lost(plan: Plan) -> None:
    """Of the kinds of records that come back: what has no history and was deleted along with them."""
    for model in plan.keys("recreate"):
        rule = take_back_of(model)
        if rule.lost:
            plan.lost.append(rule.lost)
        parts = [
            str(owner._meta.verbose_name_plural)
            for owner, on_delete in _kinds_on(model)
            if on_delete is models.CASCADE and not is_tracked(owner) and take_back_of(owner).missed
        ]
        records = capfirst(str(model._meta.verbose_name_plural))
        if parts:
            words = {"records": records, "parts": ", ".join(sorted(set(parts)))}
            plan.lost.append(_("%(records)s come back without their %(parts)s.") % words)
        referring = [
            str(owner._meta.verbose_name_plural)
            for owner, on_delete in _kinds_on(model)
            if on_delete is models.SET_NULL and not is_tracked(owner) and take_back_of(owner).missed
        ]
        if referring:
            words = {"records": records, "others": ", ".join(sorted(set(referring)))}
            plan.lost.append(_("%(records)s come back, and these no longer refer to them: %(others)s.") % words)


def _kinds_on(model: type[models.Model]) -> Iterator[tuple[type[models.Model], OnDelete]]:
    for field in _fields_to(model):
        if not field.model._meta.auto_created:
            yield field.model, field.remote_field.on_delete


def _fields_to(model: type[models.Model]) -> Iterator[ForeignObject]:
    """Fields by which records of any kind refer to this one; those of histories are none."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.on_delete in (None, models.DO_NOTHING):
            continue
        field = relation.field
        if not issubclass(field.model, HistoryRow):
            yield field


# --- what refers to a record that would go


def _look_at_what_refers(plan: Plan, model: type[models.Model], keys: set[int]) -> None:
    for key, others in _in_the_way(plan, model, {key: key for key in keys}).items():
        sentence = _("%(what)s can't be deleted, because this depends on it: %(others)s.")
        plan.obstacles.append(Finding((model, key), sentence, tuple(others)))


def _in_the_way(plan: Plan, model: type[models.Model], on: dict[int, int]) -> dict[int, dict[Key, None]]:
    """{record that would go: what refers to it and is not of this request}.

    ``on``: {key of a record of ``model``: the record that would go, and this with it}.
    """
    found: dict[int, dict[Key, None]] = {}
    parts: dict[type[models.Model], dict[int, int]] = {}
    for reference in _references_that_matter(model):
        for pk, target in reference.to(on):
            key, origin = (reference.owner, pk), on[target]
            if plan.does("remove", key):
                continue
            if _is_taken_off(plan, key, reference, target):
                plan.wait((model, origin), key)
            elif reference.keeps:
                found.setdefault(origin, {})[key] = None
            else:
                parts.setdefault(reference.owner, {})[pk] = origin
    for owner, origins in parts.items():
        for origin, others in _in_the_way(plan, owner, origins).items():
            found.setdefault(origin, {}).update(others)
    return found


@dataclass(frozen=True)
class _Reference:
    """A field, or a many-to-many field, by which records of ``owner`` refer to others.

    ``keeps``: what refers by it is in the way when the other is to go; else it goes along, and what refers to it is
    asked in turn.
    """

    owner: type[models.Model]
    field: ForeignObject | ManyToManyField
    keeps: bool

    def to(self, targets: Iterable[int]) -> Iterable[tuple[int, int]]:
        """Return (key of the record that refers, key of the one it refers to), at most MANY of those in the way."""
        if isinstance(self.field, models.ManyToManyField):
            rows = through_of(self.field)._base_manager
            pk, name = f"{self.field.m2m_field_name()}_id", f"{self.field.m2m_reverse_field_name()}_id"
        else:
            rows, pk, name = self.owner._base_manager, "pk", self.field.attname
        pairs = rows.filter(**{f"{name}__in": list(targets)}).order_by("pk").values_list(pk, name)
        return pairs[:MANY] if self.keeps else pairs


@lru_cache(maxsize=64)
def _references_that_matter(model: type[models.Model]) -> tuple[_Reference, ...]:
    """Return how something that is more than a part of a record may refer to it, or to a part of it."""
    found = []
    for field in _fields_to(model):
        owner, on_delete = field.model, field.remote_field.on_delete
        # The stubs say bool: it is the model whose list it is.
        list_of: type[models.Model] | Literal[False] = owner._meta.auto_created  # type: ignore[assignment]
        if list_of:
            # A row that joins two records: it is on the list of one of them.
            lists = [many for many in list_of._meta.local_many_to_many if through_of(many) is owner]
            found += [
                _Reference(list_of, many, keeps=True)
                for many in lists
                if many.m2m_reverse_field_name() == field.name and is_tracked(list_of)
            ]
        elif on_delete in (models.PROTECT, models.RESTRICT) or (is_tracked(owner) and not is_part_of(owner, model)):
            found.append(_Reference(owner, field, keeps=True))
        elif on_delete is models.CASCADE and owner is not model and _references_that_matter(owner):
            found.append(_Reference(owner, field, keeps=False))
    return tuple(found)


def _is_taken_off(plan: Plan, key: Key, reference: _Reference, target: int) -> bool:
    """Does the plan itself make that record refer to something else?"""
    step = plan.steps.get(key)
    if step is None:
        return False
    if isinstance(reference.field, models.ManyToManyField):
        return reference.field.name in step.many and target not in step.many[reference.field.name]
    return reference.field.attname in step.values and step.values[reference.field.attname] != target


# --- what an old value refers to


def _look_at_what_is_referred_to(plan: Plan) -> None:
    wanted: dict[type[models.Model], set[int]] = {}
    for _step, _field, target in _old_references(plan):
        wanted.setdefault(target[0], set()).add(target[1])
    there = {
        (model, key)
        for model, keys in wanted.items()
        for key in model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)
    }
    for step, field, target in _old_references(plan):
        if plan.does("recreate", target):
            plan.wait(step.key, target)
        elif target not in there or plan.does("remove", target):
            sentence = _("%(what)s: “%(field)s” was %(others)s, which has since been deleted. Bring that back first.")
            words = {"field": capfirst(str(field.verbose_name))}
            plan.obstacles.append(Finding(step.key, sentence, (target,), words))


def _old_references(plan: Plan) -> Iterator[tuple[RestoreStep, Field, Key]]:
    """(step, field, the record it refers to by an old value)."""
    for step in plan.steps.values():
        if step.action == "remove":
            continue
        for field in step.model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and step.values.get(field.attname) is not None:
                yield step, field, (field.related_model, step.values[field.attname])
        for many in step.model._meta.local_many_to_many:
            for key in step.many.get(many.name, ()):
                yield step, many, (many.related_model, key)


# --- a record's own rules


def _own_rules(plan: Plan, step: RestoreStep) -> Iterable[Finding]:
    rule = take_back_of(step.model)
    if rule.refuse and (why := rule.refuse(step, plan)):
        yield Finding(step.key, _("%(what)s: %(why)s"), words={"why": why})
        return  # what else would be wrong with it is no help
    if step.action == "remove" or plan.waits.get(step.key):
        return  # it refers to what is not there yet: its rules are asked when it is saved
    candidate = step.candidate()
    try:
        candidate.clean()
        for constraint in step.model._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                constraint.validate(step.model, candidate)
    except ValidationError as problem:
        yield Finding(step.key, _("%(what)s: %(why)s"), words={"why": " ".join(problem.messages)})
    except ObjectDoesNotExist:
        return  # said above
