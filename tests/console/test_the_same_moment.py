"""Two people who save in the same moment: one is first, and the other reads a sentence. Nobody meets a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, models
from django.db.models.signals import pre_save
from django.urls import reverse

from accounts.choices import PortalUserState
from accounts.models import Customer, CustomerLink, Label, PortalUser, User
from accounts.services import invite_staff
from accounts.services.labels import labels_of_names
from jobs.models import CancellationReason
from permissions.models import CustomerGrant, PermissionOverride, TemplateAccess
from permissions.services import invite_portal_user, set_override, set_template_access
from permissions.services.decisions import grant
from templates_app.models import JobTemplate
from tests.console.forms import filled
from tests.console.new_records import TYPED, add_address, open_form
from tests.jobs.test_concurrency import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_the_same_moment() -> Iterator[Any]:
    """``at_the_same_moment(model)``: whoever saves the first record of it waits until the other is about to as well.

    SQLite lets one writer in at a time: there the second begins when the first has ended.
    """
    barrier = Barrier(2)
    kinds: set[type[models.Model]] = set()

    def wait(sender: Any, **_facts: Any) -> None:
        if sender in kinds and connection.vendor == "postgresql" and not barrier.broken:
            with suppress(BrokenBarrierError):
                barrier.wait(timeout=20)
            barrier.abort()

    pre_save.connect(wait, weak=False)
    yield kinds.add
    pre_save.disconnect(wait)


UNIQUE: dict[str, tuple[type[models.Model], dict[str, str]]] = {
    "accounts.Label": (Label, {}),
    "accounts.Customer": (Customer, {"external_id": "C-77"}),
    "accounts.User": (User, {}),
    "auth.Group": (Group, {}),
    "jobs.CancellationReason": (CancellationReason, {}),
    "templates_app.JobTemplate": (JobTemplate, {}),
    "accounts.CustomerLink": (CustomerLink, {}),
}


@pytest.mark.parametrize("label", UNIQUE)
def test_of_two_who_give_one_name_one_is_told(cast, sign_in, at_the_same_moment, label):
    model, more = UNIQUE[label]
    hands = [sign_in(cast.olivia), sign_in(cast.olivia)]
    forms = [open_form(hand, label, cast) | more for hand in hands]
    before = model._base_manager.count()
    at_the_same_moment(model)
    answers = all_at_once(lambda n: hands[n].post(add_address(label), forms[n]), crowd=2)
    assert sorted(one.status_code for one in answers) == [200, 302], answers
    told = next(one for one in answers if one.status_code == 200)
    assert told.context["errors"], "a sentence says why"
    assert model._base_manager.count() == before + 1
    typed = {name: value for name, value in (TYPED[label](cast) | more).items() if isinstance(value, str)}
    assert all(value in told.content.decode() for value in typed.values()), "what was typed is still there"


def test_of_two_who_change_one_record_the_second_is_told_of_the_first(cast, sign_in):
    address = reverse("admin:accounts_customer_change", args=[cast.acme.pk])
    hands = [sign_in(cast.olivia), sign_in(cast.dana)]
    forms = [filled(hand.get(address)) | {"notes": f"Note {n}"} for n, hand in enumerate(hands)]
    answers = all_at_once(lambda n: hands[n].post(address, forms[n]), crowd=2)
    assert sorted(one.status_code for one in answers) == [200, 302], answers
    first = [one.status_code for one in answers].index(302)
    told = answers[1 - first].content.decode()
    assert "saved this at" in told and f"Note {1 - first}" in told
    cast.acme.refresh_from_db()
    assert cast.acme.notes == f"Note {first}"


SERVICES = {
    "invite somebody nobody knows": (
        User,
        lambda cast: invite_portal_user(email="new@example.com", customers=[cast.acme], by=cast.dana),
        lambda cast: PortalUser.objects.filter(user__email="new@example.com", links__customer=cast.acme),
    ),
    "invite somebody who is removed": (
        CustomerLink,
        lambda cast: invite_portal_user(email="carl@example.com", customers=[cast.acme], by=cast.dana),
        lambda cast: CustomerLink.objects.filter(portal_user=cast.carl, customer=cast.acme),
    ),
    "allow": (
        PermissionOverride,
        lambda cast: set_override(cast.cora, "cancel_jobs", "allow", by=cast.olivia),
        lambda cast: PermissionOverride.objects.filter(portal_user=cast.cora, permission="cancel_jobs"),
    ),
    "give a template": (
        TemplateAccess,
        lambda cast: set_template_access(cast.cora, cast.inspection, "add", by=cast.olivia),
        lambda cast: TemplateAccess.objects.filter(portal_user=cast.cora, template=cast.inspection),
    ),
    "grant a customer": (
        CustomerGrant,
        lambda cast: grant(cast.dana, cast.acme, change=False, by=cast.olivia),
        lambda cast: CustomerGrant.objects.filter(user=cast.dana),
    ),
    "labels by their names": (
        Label,
        lambda cast: labels_of_names(["VIP"], by=cast.olivia),
        lambda cast: Label.objects.filter(name="VIP"),
    ),
}


@pytest.mark.parametrize("name", SERVICES)
def test_what_two_make_at_once_is_made_once_and_both_have_it(cast, at_the_same_moment, name):
    model, make, made = SERVICES[name]
    if name == "invite somebody who is removed":
        cast.carl.links.all().delete()
        PortalUser.objects.filter(pk=cast.carl.pk).update(state=PortalUserState.REMOVED)
    at_the_same_moment(model)
    answers = all_at_once(lambda n: make(cast), crowd=2)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert made(cast).count() == 1


def test_the_second_who_invites_one_colleague_reads_that_she_is_staff_already(cast, at_the_same_moment):
    at_the_same_moment(User)
    answers = all_at_once(lambda n: invite_staff(email="petra@harbour.example", name="Petra", by=cast.olivia), crowd=2)
    assert sorted(type(one).__name__ for one in answers) == ["Refused", "User"]
    assert User.objects.filter(email="petra@harbour.example").count() == 1
