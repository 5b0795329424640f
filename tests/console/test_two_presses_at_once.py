"""Both clicks of a double click are on their way before the first is answered, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Customer, Invitation, PortalUser
from console.models import SentForm
from jobs.models import Job
from templates_app.models import JobTemplate
from tests.console.new_records import TYPED, add_address, key_on, open_form
from tests.jobs.test_concurrency import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
# SQLite lets one writer in at a time: the others wait for it, and give up after a while.
CROWD = 8 if connection.vendor == "postgresql" else 3


def sent_at_once(cast: Any, sign_in: Any, label: str, **changes: str) -> list[Any]:
    """The answers to one form of Olivia's that is sent by several hands at once."""
    typed = open_form(sign_in(cast.olivia), label, cast) | changes
    hands = [sign_in(cast.olivia) for _hand in range(CROWD)]
    answers = all_at_once(lambda n: hands[n].post(add_address(label), typed), crowd=CROWD)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    return answers


def test_one_job_with_one_number(cast, sign_in):
    answers = sent_at_once(cast, sign_in, "jobs.Job")
    job = Job.objects.get()
    assert {one.status_code for one in answers} == {302}
    assert sum(one.url == f"/admin/jobs/job/{job.pk}/change/" for one in answers) == CROWD - 1
    assert SentForm.objects.count() == 1


def test_one_customer(cast, sign_in):
    answers = sent_at_once(cast, sign_in, "accounts.Customer")
    assert {one.status_code for one in answers} == {302}
    assert Customer.objects.filter(name=TYPED["accounts.Customer"](cast)["name"]).count() == 1


def test_one_invitation(cast, sign_in):
    before = Invitation.objects.count()
    answers = sent_at_once(cast, sign_in, "accounts.PortalUser")
    assert {one.status_code for one in answers} == {302}, [one.content.decode() for one in answers]
    assert PortalUser.objects.filter(user__email="paul@example.com").count() == 1
    assert Invitation.objects.count() == before + 1


def test_a_series_with_the_jobs_that_are_due(cast, sign_in):
    answers = sent_at_once(cast, sign_in, "jobs.Series")
    assert {one.status_code for one in answers} == {302} and Job.objects.count() == 3


def test_one_copy_of_a_template(cast, sign_in):
    address = reverse("admin:templates_app_jobtemplate_copy", args=[cast.exchange.pk])
    sent = {"_form_submitted": "1", "name": "A copy", "_once": key_on(sign_in(cast.olivia).get(address))}
    hands = [sign_in(cast.olivia) for _hand in range(CROWD)]
    answers = all_at_once(lambda n: hands[n].post(address, sent), crowd=CROWD)
    made = JobTemplate.objects.get(name="A copy")
    assert {one.url for one in answers} == {reverse("admin:templates_app_jobtemplate_change", args=[made.pk])}


def test_a_form_that_all_of_them_send_wrongly_is_good_afterwards(cast, sign_in):
    answers = sent_at_once(cast, sign_in, "accounts.Customer", name="")
    assert {one.status_code for one in answers} == {200} and not SentForm.objects.exists()
