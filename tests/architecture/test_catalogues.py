"""Vocabularies are tables, and each is complete. A failure names the step that was forgotten (CONTRIBUTING.md)."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import models

from accounts.choices import AccountEventKind
from accounts.letters import LETTERS
from alerts.catalogue import SILENT, message_choices
from alerts.hooks import EVENTS, TOKENS
from alerts.sources import source_for, sources
from audit.events import RecordedEvent
from business.catalogue import PORTAL_PERMISSIONS
from business.models import PortalSettings
from console.roles import ROLES, Role
from jobs.choices import CUSTOMER_WORDS, JOB_STATUS_COLOURS, JOB_STATUS_TONES, NOT_STARTED, OPEN, EventKind, JobStatus
from jobs.models.payloads import PAYLOADS
from jobs.transitions import TRANSITIONS
from portal_site.reading import EVENT_LOOKS
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.forms import value_fields
from templates_app.kinds import KINDS, BaseKind
from tests.architecture.tree import APPS, ROOT, modules


@pytest.mark.parametrize("permission", PORTAL_PERMISSIONS.values(), ids=lambda permission: permission.code)
def test_a_portal_permission_is_explained(permission):
    assert str(permission.label) and str(permission.help) and str(permission.group)
    assert str(permission.help).endswith("."), "A help text is a sentence."


@pytest.mark.parametrize("permission", PORTAL_PERMISSIONS.values(), ids=lambda permission: permission.code)
def test_a_portal_permission_stands_on_things_that_exist(permission):
    assert set(permission.implies) <= set(PORTAL_PERMISSIONS)
    if permission.feature:
        field = PortalSettings._meta.get_field(permission.feature)
        assert isinstance(field, models.BooleanField), "A feature is a yes/no field of the portal settings."


# What nothing asks about yet: paying is to come.
IDLE = {"pay_invoices"}
# What no button is hidden for: it decides whose records somebody reaches.
WITHOUT_A_BUTTON = {"any_customer"}
ENFORCED = (
    r"""(?:require\(|permission=|not [\w.]*may\(|decide\([\w.\[\]]+, |customers_allowing\(|at_level\()"{code}\""""
)
HIDDEN = r"""(?:(?<!not )(?:visitor|self)\.may\(|_may_for_any\(visitor, |_allowing\(|Entry\([^)]*)"{code}\""""


def _code_with(pattern: str, *rooms: str) -> bool:
    found = (re.search(pattern, (ROOT / one.path).read_text()) for one in modules() if one.app in rooms)
    return any(found)


@pytest.mark.parametrize("code", PORTAL_PERMISSIONS)
def test_a_portal_permission_is_enforced_and_hides_what_needs_it(code):
    assert code in IDLE or _code_with(ENFORCED.format(code=code), "permissions", "jobs", "alerts", "portal_site"), (
        "Enforce it where it counts: request.visitor.require, or permission= of the page."
    )
    assert code in IDLE | WITHOUT_A_BUTTON or _code_with(HIDDEN.format(code=code), "jobs", "portal_site"), (
        "Hide what needs it with request.visitor.may."
    )


@pytest.mark.parametrize("status", JobStatus, ids=str)
def test_a_status_has_its_colour_its_words_and_a_way_in(status):
    assert status in JOB_STATUS_COLOURS, "Give it a colour in jobs/choices.py: JOB_STATUS_COLOURS."
    assert status in JOB_STATUS_TONES, "Give its pin on a map a colour in jobs/choices.py: JOB_STATUS_TONES."
    assert str(CUSTOMER_WORDS.get(status, "")), "Say what a customer reads, in jobs/choices.py: CUSTOMER_WORDS."
    ways_in = [name for name, transition in TRANSITIONS.items() if transition.target == status]
    assert ways_in, "No row of jobs/transitions.py leads to it."


def test_a_transition_leads_from_states_to_a_state():
    for name, transition in TRANSITIONS.items():
        assert name == transition.name and str(transition.label)
        assert transition.sources and {*transition.sources, transition.target} <= set(JobStatus)
    assert set(NOT_STARTED) <= set(OPEN) <= set(JobStatus)


EVERY_KIND = [kind for source in sources() for kind in source.kinds]


@pytest.mark.parametrize("kind", EVERY_KIND, ids=str)
def test_an_event_can_be_told_or_is_silent_on_purpose(kind):
    assert (kind in EVENTS) != (kind in SILENT), "Add its line to alerts/catalogue.py: EVENTS, or to SILENT."
    if kind in EVENTS:
        event = EVENTS[kind]
        assert str(event.help) and str(event.subject) and str(event.message) and str(event.sms)


@pytest.mark.parametrize("kind", EVERY_KIND, ids=str)
def test_an_event_is_recorded_by_whoever_makes_it_true(kind):
    payload = source_for(kind).payloads[kind].__name__
    recorded = [
        module.path
        for module in modules()
        if module.app not in ("alerts", "config") and re.search(rf"\b{payload}[(,]", _code_of(module.path))
    ]
    assert recorded, f"No service records {payload}."


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.model.__name__)
def test_a_table_of_events_says_all_that_alerts_ask(source):
    assert issubclass(source.model, RecordedEvent)
    assert set(source.payloads) == set(source.kinds), "Write a class for its facts, and add it to PAYLOADS."
    for kind in source.kinds:
        payload = source.payloads[kind]
        assert isinstance(payload.read({}), payload), (
            "Facts that are missing are none: use the types of audit/events.py."
        )
        assert set(payload.tokens) <= set(TOKENS), "Say in alerts/tokens.py what it is."
        assert kind.value in dict(message_choices()), "The ledger has no name for it."


def test_every_table_of_events_can_be_announced():
    tables = {model for model in apps.get_models() if issubclass(model, RecordedEvent)}
    assert tables == {source.model for source in sources()}, "Register an EventSource in apps.py (alerts/sources.py)."


@pytest.mark.parametrize("kind", AccountEventKind, ids=str)
def test_what_happens_to_an_account_is_told_to_somebody(kind):
    assert kind in LETTERS or kind in EVENTS, (
        "Write its mail in accounts/letters.py, or its line in alerts/catalogue.py."
    )


def _code_of(path):
    """Without the lines that define it."""
    return re.sub(r"^class .*$", "", (ROOT / path).read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_an_event_has_its_facts_its_sentences_and_its_tokens(kind):
    assert kind in PAYLOADS, "Write its class in jobs/models/payloads.py, and add it to PAYLOADS."
    payload = PAYLOADS[kind]
    assert "customer" in vars(payload), "Say what the customer reads of it, in its class: customer, or empty."
    assert isinstance(payload.read({}), payload), "Facts that are missing are none: use the types of audit/events.py."
    if str(payload.customer):
        assert kind in EVENT_LOOKS, "Give its line an icon and a colour in portal_site/reading.py: EVENT_LOOKS."
    for token in payload.tokens:
        assert token in TOKENS, f"Say in alerts/tokens.py what {token} is."
        assert hasattr(payload, token) or token in payload.__annotations__, f"It has no attribute {token}."


@pytest.mark.parametrize("kind", FieldKind, ids=str)
def test_a_kind_of_field_has_its_check_its_words_and_its_form_field(kind):
    assert kind in KINDS, "Write its class in templates_app/kinds.py, and add it to KINDS."
    definition = FieldDefinition("it", "It", kind, choices=("small",))
    assert issubclass(type(KINDS[kind]), BaseKind) and type(KINDS[kind]) is not BaseKind, "It needs a class of its own."
    offered = value_fields([definition], widgets={})
    if kind != FieldKind.HEADER:
        assert KINDS[kind].portal_field(definition).label == "It"
        assert offered or kind == FieldKind.FILE, "It needs a widget, or the office cannot fill it in."


# Rights that are no role's but the administrators', who have them all.
FOR_ADMINISTRATORS = {
    "accounts.switch_off_two_factor", "audit.restore_changelog", "billing.close_books", "business.release_hold",
}  # fmt: skip
RIGHTS_OF_THEIR_OWN = [
    (model, codename) for model in apps.get_models() for codename, _label in model._meta.permissions
    if model.__module__.split(".")[0] in APPS
]  # fmt: skip


@pytest.mark.parametrize(("model", "codename"), RIGHTS_OF_THEIR_OWN, ids=str)
def test_a_right_of_its_own_is_given_to_a_role_or_kept_for_administrators(model, codename):
    app, name = model._meta.app_label, model._meta.model_name
    given = {
        f"{action}_{name}"
        for table in ROLES.values()
        for key, actions in table.items()
        for action in actions
        if key in (f"{app}.{name}", f"{app}.*")
    }
    assert codename in given or f"{app}.{codename}" in FOR_ADMINISTRATORS, "Give it to a role in console/roles.py."


def test_a_shipped_role_has_its_table():
    assert set(ROLES) == set(Role) - {Role.ADMINISTRATOR}
