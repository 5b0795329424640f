"""Vocabularies are tables, and each is complete. A failure names the step that was forgotten (CONTRIBUTING.md)."""

from __future__ import annotations

import re

import pytest
from django.db import models

from alerts.catalogue import EVENTS, SILENT
from business.catalogue import PORTAL_PERMISSIONS
from business.models import PortalSettings
from console.roles import ROLES, Role
from jobs.choices import CUSTOMER_WORDS, JOB_STATUS_COLOURS, NOT_STARTED, OPEN, EventKind, JobStatus
from jobs.transitions import TRANSITIONS
from tests.architecture.tree import ROOT, modules


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


@pytest.mark.parametrize("status", JobStatus, ids=str)
def test_a_status_has_its_colour_its_words_and_a_way_in(status):
    assert status in JOB_STATUS_COLOURS, "Give it a colour in jobs/choices.py: JOB_STATUS_COLOURS."
    assert str(CUSTOMER_WORDS.get(status, "")), "Say what a customer reads, in jobs/choices.py: CUSTOMER_WORDS."
    ways_in = [name for name, transition in TRANSITIONS.items() if transition.target == status]
    assert ways_in, "No row of jobs/transitions.py leads to it."


def test_a_transition_leads_from_states_to_a_state():
    for name, transition in TRANSITIONS.items():
        assert name == transition.name and str(transition.label)
        assert transition.sources and {*transition.sources, transition.target} <= set(JobStatus)
    assert set(NOT_STARTED) <= set(OPEN) <= set(JobStatus)


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_an_event_can_be_told_or_is_silent_on_purpose(kind):
    assert (kind in EVENTS) != (kind in SILENT), "Add its line to alerts/catalogue.py: EVENTS, or to SILENT."
    if kind in EVENTS:
        event = EVENTS[kind]
        assert str(event.help) and str(event.subject) and str(event.message) and str(event.sms)


@pytest.mark.parametrize("kind", EventKind, ids=str)
def test_an_event_is_recorded_by_whoever_makes_it_true(kind):
    recorded = [
        module.path
        for module in modules()
        if module.app not in ("alerts", "config")
        and re.search(rf"EventKind\.{kind.name}\b", (ROOT / module.path).read_text())
    ]
    assert recorded, f"No service records EventKind.{kind.name}."


def test_a_shipped_role_has_its_table():
    assert set(ROLES) == set(Role) - {Role.ADMINISTRATOR}
