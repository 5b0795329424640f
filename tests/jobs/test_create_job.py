from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console.errors import Refused
from jobs.choices import EventKind, JobStatus
from jobs.models import Job
from jobs.services import NewJob, create_job, create_jobs
from tests.factories import make_template


def test_it_gets_the_next_number(cast):
    first, second = create_jobs([NewJob(cast.acme, cast.exchange), NewJob(cast.acme, cast.exchange)], by=cast.dana)
    assert (first.number, second.number) == ("J-000001", "J-000002")


def test_it_is_written_into_history_with_her_name(cast):
    job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
    row = job.history.get()
    assert (row.history_user, row.actor, row.label, row.customer_ref) == (cast.dana, "Dana", job.number, cast.acme.pk)


def test_it_leaves_an_event(cast):
    job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
    assert [event.kind for event in job.events.all()] == [EventKind.CREATED]


def test_it_carries_its_portal_link_in_its_notes(cast):
    job = create_job(NewJob(cast.acme, cast.exchange, notes="Mind the dog."), by=cast.dana)
    assert job.portal_links.get().url
    assert job.notes == "Mind the dog.\nPortal access: {portal_link}"


def test_it_is_scheduled_when_its_start_is_known(cast):
    job = create_job(NewJob(cast.acme, cast.exchange, planned_start=timezone.now()), by=cast.dana)
    assert job.status == JobStatus.SCHEDULED


def test_staff_without_administrator_rights_need_a_template(cast):
    with pytest.raises(Refused):
        create_job(NewJob(cast.acme), by=cast.dana)
    assert not Job.objects.exists()
    assert create_job(NewJob(cast.acme), by=cast.olivia)


def test_the_contact_is_the_customers_site_contact_unless_named(cast):
    job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
    assert job.contact_email == "site@acme.example"
    other = create_job(NewJob(cast.acme, cast.exchange, contact_name="Zoe", contact_phone="040 1"), by=cast.dana)
    assert (other.contact_name, other.contact_email) == ("Zoe", "")


def test_a_value_its_field_does_not_take_is_named(cast):
    template = make_template(fields=({"label": "Size", "kind": "pick", "choices": ["small", "large"]},))
    with pytest.raises(ValidationError) as problem:
        create_job(NewJob(cast.acme, template, values={"size": "huge"}), by=cast.dana)
    assert "small, large" in problem.value.message_dict["size"][0]


def test_a_later_change_of_the_template_does_not_reach_it(cast):
    job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
    cast.exchange.steps.all().delete()
    assert len(Job.objects.get(pk=job.pk).steps()) == 3


def test_its_queries_do_not_grow_with_the_number_of_jobs(cast):
    def queries(count):
        with CaptureQueriesContext(connection) as caught:
            create_jobs([NewJob(cast.acme, cast.exchange) for _ in range(count)], by=cast.dana)
        return len(caught)

    queries(1)
    # 20 jobs fit one statement on SQLite, which takes few parameters.
    assert queries(2) == queries(20)
