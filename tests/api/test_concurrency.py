"""Programs that ask at the same moment, on PostgreSQL: SQLite lets one writer in at a time."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Customer
from jobs.models import Job, JobEvent, PortalLink
from tests.api.test_jobs_api import NEW
from tests.jobs.test_concurrency import all_at_once, numbers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="races need more than one writer: PostgreSQL only"),
]


def test_one_key_makes_one_job_and_every_asker_gets_its_answer(danas):
    answers = all_at_once(lambda n: danas.post("/jobs", NEW, **{"Idempotency-Key": "order-4711"}))
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["number"] for answer in answers} == {"J-000001"}
    assert Job.objects.count() == JobEvent.objects.count() == PortalLink.objects.count() == 1


def test_keys_of_their_own_make_jobs_of_their_own_without_a_gap(danas):
    answers = all_at_once(lambda n: danas.post("/jobs", NEW, **{"Idempotency-Key": f"order-{n}"}))
    assert {answer.status_code for answer in answers} == {201}
    assert numbers() == list(range(1, len(answers) + 1))


def test_a_name_nobody_knew_becomes_one_customer(danas):
    answers = all_at_once(lambda n: danas.post("/jobs", NEW | {"customer": {"name": "New Bakery"}}))
    assert {answer.status_code for answer in answers} == {201}
    assert Customer.objects.filter(name="New Bakery").count() == 1


def test_one_external_id_is_one_job_and_the_others_are_told(danas):
    answers = all_at_once(lambda n: danas.post("/jobs", NEW | {"external_id": "A-1"}))
    assert sorted({answer.status_code for answer in answers}) == [201, 422]
    assert Job.objects.count() == 1


def test_one_external_id_is_one_customer_and_the_others_are_told(danas):
    answers = all_at_once(lambda n: danas.post("/customers", {"name": f"Bakery {n}", "external_id": "C-1"}))
    assert {answer.status_code for answer in answers} <= {201, 409, 422}
    assert Customer.objects.filter(external_id="C-1").count() == 1


def test_a_step_of_a_job_is_taken_once(danas):
    number = danas.post("/jobs", NEW).json()["number"]
    answers = all_at_once(lambda n: danas.post(f"/jobs/{number}/transitions", {"step": "complete"}))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (len(answers) - 1)
    assert JobEvent.objects.filter(kind="job.completed").count() == 1
