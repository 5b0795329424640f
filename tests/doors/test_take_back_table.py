"""Every kind of record, created, changed or deleted by a request, and what may have happened since: taken back whole,
or a sentence that names what is in the way, and then nothing is changed.

The kinds are found in the registry; a new one is named here until it has a maker in ``tests/doors/records.py``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.utils.html import strip_tags

from audit.act import acting
from audit.changelog import history_of, tracked_models
from audit.models import HistoryRow
from audit.restore import Plan, RestoreStep
from audit.restore.obstacles import look_for_obstacles
from audit.take_back import take_back_of
from business.models import PortalSettings
from tests.doors.records import MAKERS, changed, make, parents_of
from tests.tables import everything

LABELS = sorted(model._meta.label for model in tracked_models())
# One row, made by the first migration or when it is first saved: nobody creates or deletes it.
ALWAYS_THERE = {"business.PortalSettings", "billing.BillingSettings"}
# Given when a document is posted, and a posted one stays as it is.
NUMBERS = {
    "number", "reference", "one_document_a_number", "one_payment_a_number", "one_refund_a_number",
    "one_write_off_a_number",
}  # fmt: skip
NUMBERED = {"billing.Invoice", "billing.Payment", "billing.Refund", "billing.WriteOff"}
SOME = [label for label in LABELS if label not in ALWAYS_THERE]
ACTIONS = {"created": "remove", "changed": "revert", "deleted": "recreate"}


def test_every_kind_that_keeps_history_has_a_maker():
    assert set(LABELS) == set(MAKERS), "give it a maker in tests/doors/records.py"


@pytest.fixture
def olivia(cast: Any, sign_in: Any) -> Client:
    settings = PortalSettings.load()
    settings.link_in_notes = False
    settings.save()
    return sign_in(cast.olivia)


def remembered() -> dict[str, list[Any]]:
    """Every record with what its history remembers of it, its lists too."""
    found = {}
    for model in tracked_models():
        history = history_of(model).model
        names = [f.attname for f in history.tracked_fields if not getattr(f, "auto_now", False)]
        found[model._meta.label] = sorted(map(repr, model._base_manager.values_list(*names)))
        for many in history._history_m2m_fields:
            through = many.remote_field.through
            pairs = through._base_manager.values_list(
                f"{many.m2m_field_name()}_id", f"{many.m2m_reverse_field_name()}_id"
            )
            found[through._meta.label] = sorted(map(repr, pairs))
    return found


@contextmanager
def for_a_moment() -> Iterator[None]:
    """What is done inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Outcome:
    """``told``: the sentences of the page, as text; ``links``: where they lead. Empty when it was taken back."""

    told: str
    links: list[str]


def take_back(client: Client, request_id: Any) -> Outcome:
    """Take a request back by its page, and hold what always holds."""
    path = f"/admin/changelog/{request_id}/take-back/"
    before = everything(but="sessions.Session")
    shown = client.get(path)
    assert shown.status_code == 200
    assert everything(but="sessions.Session") == before, "looking changed something"
    answer = client.post(path)
    if answer.status_code == 302:
        connection.check_constraints()
        assert "can't be taken back" not in shown.content.decode(), "foreseen, and yet done"
        return Outcome("", [])
    assert answer.status_code == 200
    assert everything(but="sessions.Session") == before, "refused, and yet something changed"
    page = answer.content.decode()
    cards = re.findall(r'<section class="pc-card".*?</section>|<p class="pc-note">.*?</p>', page, re.DOTALL)
    told = " ".join(unescape(strip_tags(" ".join(cards))).split())
    assert told, "no sentence"
    for word in ("Constraint", "constraint", "violated", "already exists", "UNIQUE", "DoesNotExist", "%("):
        assert word not in told
    for model in apps.get_models():
        for rule in model._meta.constraints:
            assert rule.name not in told
    return Outcome(told, re.findall(r'href="([^"]+)"', " ".join(cards)))


def never(label: str, what: str) -> bool:
    """Is that never taken back of this kind, by a rule of its app?"""
    rule = take_back_of(apps.get_model(label))
    return ACTIONS[what] in {**rule.never, **rule.kept}


def request_that(label: str, what: str, record: Any = None, parents: Any = None) -> tuple[Any, Any]:
    """A request that created, changed or deleted a record; gives the record and the request."""
    if record is None:
        parents = parents or parents_of(label)
        if what != "created":
            record = MAKERS[label].build(parents)
    with acting() as act:
        if what == "created":
            record = MAKERS[label].build(parents)
        elif what == "changed":
            changed(label, record)
        else:
            record.delete()
    return record, act.request_id


@pytest.mark.parametrize("what", ACTIONS)
@pytest.mark.parametrize("label", LABELS)
def test_nothing_since(label, what, olivia):
    if label in ALWAYS_THERE and what != "changed":
        return
    parents = parents_of(label)
    record = None if what == "created" else MAKERS[label].build(parents)
    if record is not None and what == "deleted":
        for name, kind in MAKERS[label].lists.items():
            getattr(record, name).add(make(kind))
    before = remembered()
    _record, request_id = request_that(label, what, record, parents)
    outcome = take_back(olivia, request_id)
    if never(label, what):
        # An invitation has no page of its own, nor has the account of a member of staff who is invited; nor has a hold.
        assert outcome.told and (outcome.links or label in ("accounts.Invitation", "business.Hold"))
        return
    assert not outcome.told
    assert remembered() == before


def references_to(model: type[models.Model]) -> list[tuple[str, str]]:
    """(kind, field) by which other records with a history refer to this one."""
    found = []
    for owner in tracked_models():
        fields = [*history_of(owner).model.tracked_fields, *history_of(owner).model._history_m2m_fields]
        found += [(owner._meta.label, f.name) for f in fields if f.is_relation and f.related_model is model]
    return found


@pytest.mark.parametrize("label", SOME)
def test_deleted_with_what_hung_on_it(label, olivia):
    """What the question before a deletion counts comes back with it: on lists, by references, as a part of it."""
    if never(label, "deleted"):
        return
    for kind, field in references_to(apps.get_model(label)):
        with for_a_moment():
            record = make(label)
            make(kind, **{field: [record] if field in MAKERS[kind].lists else record})
            before = remembered()
            with acting() as act:
                if not is_gone_by_itself(record):
                    continue
            page = olivia.get(f"/admin/changelog/{act.request_id}/take-back/").content.decode()
            shown = unescape(page).lower()
            outcome = take_back(olivia, act.request_id)
            assert not outcome.told, f"{kind}.{field}: {outcome.told}"
            if never(kind, "deleted"):
                assert str(apps.get_model(kind)._meta.verbose_name).lower() in shown, f"{kind}.{field}: not said"
            elif (kind, field) not in PARTS:
                assert remembered() == before, f"{kind}.{field}"


def test_what_does_not_come_back_is_said(olivia):
    """Of each kind: whatever is deleted with it or loses it without a history of its own, unless nobody misses it."""
    for label in SOME:
        if never(label, "deleted"):
            continue
        model = apps.get_model(label)
        plan = Plan(uuid.uuid4())
        plan.steps[model, 1] = RestoreStep(model, 1, "recreate", "")
        look_for_obstacles(plan)
        said = " ".join(map(str, plan.lost))
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, models.ForeignObjectRel) or relation.on_delete not in LOSING:
                continue
            owner = relation.field.model
            quiet = issubclass(owner, HistoryRow) or owner._meta.auto_created or not take_back_of(owner).missed
            if not quiet and owner not in tracked_models():
                assert str(owner._meta.verbose_name_plural) in said, f"{label}: {owner._meta.label}"


LOSING = (models.CASCADE, models.SET_NULL)
# Part of a job: it goes along, its history says it for both.
PARTS = {("jobs.PortalLink", "job")}


@pytest.mark.parametrize("label", SOME)
def test_created_and_something_depends_on_it_since(label, olivia):
    record, request_id = request_that(label, "created")
    for kind, field in references_to(type(record)):
        with for_a_moment():
            many = field in MAKERS[kind].lists
            other = make(kind, **{field: [record] if many else record})
            outcome = take_back(olivia, request_id)
            if (kind, field) in PARTS:
                assert not outcome.told
                continue
            assert outcome.told, f"{kind}.{field}"
            assert outcome.links, f"no link: {outcome.told}"
            if not never(label, "created"):
                assert str(other) in outcome.told, f"{kind}.{field}: {outcome.told}"


@pytest.mark.parametrize("label", SOME)
def test_changed_and_something_depends_on_it_since(label, olivia):
    record, request_id = request_that(label, "changed")
    before = {f.attname: getattr(type(record)._base_manager.get(pk=record.pk), f.attname) for f in record._meta.fields}
    for kind, field in references_to(type(record)):
        with for_a_moment():
            make(kind, **{field: [record] if field in MAKERS[kind].lists else record})
            outcome = take_back(olivia, request_id)
            assert bool(outcome.told) == never(label, "changed"), f"{kind}.{field}: {outcome.told}"
    assert before["id" if "id" in before else record._meta.pk.attname] == record.pk


@dataclass(frozen=True)
class Rule:
    """A rule of uniqueness: its fields, and the values a record needs for it to hold."""

    name: str
    fields: tuple[str, ...]
    given: dict[str, Any]


def unique_rules(label: str) -> list[Rule]:
    model: Any = apps.get_model(label)
    tracked = {f.name for f in history_of(model).model.tracked_fields}
    found = [Rule(f.name, (f.name,), {}) for f in model._meta.concrete_fields if f.unique and not f.primary_key]
    found += [Rule("together", tuple(names), {}) for names in model._meta.unique_together]
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint):
            fields = rule.fields or tuple(e.source_expressions[0].name for e in rule.expressions)
            variant = MAKERS[label].variants.get(rule.name, {})
            found.append(Rule(rule.name, tuple(fields), dict(variant)))
    ours = [rule for rule in found if set(rule.fields) <= tracked]
    return [rule for rule in ours if label not in NUMBERED or rule.name not in NUMBERS]


def subject_to(label: str, rule: Rule) -> tuple[Any, dict[str, Any]]:
    """A record for which the rule holds, and what was given to it."""
    given = {name: make(kind) if kind in MAKERS else kind for name, kind in rule.given.items()}
    if "made_by" in rule.fields:
        given["made_by"] = make("accounts.User")
    if rule.fields == ("customer",):
        given["customer"] = make("accounts.Customer")
    return make(label, **given), given


def rival_of(label: str, rule: Rule, values: dict[str, Any], given: dict[str, Any]) -> Any:
    return make(label, **({name: value for name, value in given.items() if name not in rule.fields} | values))


def another(label: str, record: Any, rule: Rule) -> dict[str, Any]:
    """Values by which a record no longer stands where the rule looks."""
    if rule.name in ("one_site_contact", "one_billing_contact"):
        return {"is_site_contact": False, "is_billing_contact": False}
    if rule.name == "one_default_series":
        return {"is_default": False}
    if rule.name == "one_tax_of_each_kind":
        return {"tax_class": "reduced"}
    for name in reversed(rule.fields):
        field = record._meta.get_field(name)
        if not field.is_relation and not field.choices:
            value = getattr(record, name)
            if isinstance(value, int):
                return {name: value + 1000}
            return {name: f"{value}x" if isinstance(value, str) else value.replace(year=value.year + 1)}
    if "permission" in rule.fields:
        field = record._meta.get_field("permission")
        if field.is_relation:
            return {
                "permission": type(record.permission)
                .objects.filter(content_type=record.permission.content_type)
                .exclude(pk=record.permission_id)
                .first()
            }
        return {"permission": "create_jobs"}
    return {rule.fields[-1]: make(MAKERS[label].needs[rule.fields[-1]])}


@pytest.mark.parametrize("what", ["changed", "deleted"])
@pytest.mark.parametrize("label", [label for label in SOME if unique_rules(label)])
def test_its_unique_value_is_taken_since(label, what, olivia):
    for rule in unique_rules(label):
        with for_a_moment():
            record, given = subject_to(label, rule)
            values = {name: getattr(record, name) for name in rule.fields}
            with acting() as act:
                if what == "deleted":
                    record.delete()
                else:
                    for name, value in another(label, record, rule).items():
                        setattr(record, name, value)
                    record.save()
            rival = rival_of(label, rule, values, given)
            outcome = take_back(olivia, act.request_id)
            assert outcome.told, f"{label}: {rule.name}"
            if not never(label, what):
                assert str(rival) in outcome.told and outcome.links, f"{rule.name}: {outcome.told}"


def named_at_deletion(record: Any) -> str:
    """How the history calls it."""
    return history_of(type(record)).order_by("-history_id").first().label


def with_parent(label: str, name: str) -> tuple[Any, Any]:
    """A record, and what it refers to by that field."""
    kind = {**MAKERS[label].needs, **MAKERS[label].lists}[name]
    parent = make(kind)
    return make(label, **{name: [parent] if name in MAKERS[label].lists else parent}), parent


def is_gone_by_itself(parent: Any) -> bool:
    """Delete it, if nothing holds it; say whether it went."""
    try:
        with transaction.atomic():
            parent.delete()
    except models.ProtectedError:
        return False
    return True


REFERRING = [(label, name) for label in SOME for name in {**MAKERS[label].needs, **MAKERS[label].lists}]


@pytest.mark.parametrize(("label", "name"), REFERRING)
def test_what_it_refers_to_is_gone_since(label, name, olivia):
    many = name in MAKERS[label].lists
    for what in ACTIONS:
        with for_a_moment():
            if what == "created":
                kind = {**MAKERS[label].needs, **MAKERS[label].lists}[name]
                parent = make(kind)
                given = parents_of(label) | ({} if many else {name: parent})
                with acting() as act:
                    record = make(label, **given, **({name: [parent]} if many else {}))
            else:
                record, parent = with_parent(label, name)
                replacement = make({**MAKERS[label].needs, **MAKERS[label].lists}[name])
                with acting() as act:
                    if what == "deleted":
                        record.delete()
                    elif many:
                        getattr(record, name).set([replacement])
                    else:
                        setattr(record, name, replacement)
                        record.save()
            called = str(parent)
            if not is_gone_by_itself(parent):
                continue
            outcome = take_back(olivia, act.request_id)
            assert outcome.told or what == "created", f"{label}.{name} {what}"
            if what != "created" and not never(label, what):
                assert called in outcome.told, f"{what}: {outcome.told}"
                assert any("/admin/changelog/?request=" in link for link in outcome.links), outcome.links


def test_history_rows_are_what_the_table_says_it_reads():
    assert all(issubclass(history_of(model).model, HistoryRow) for model in tracked_models())
