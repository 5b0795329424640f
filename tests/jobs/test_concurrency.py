"""Many at once, on PostgreSQL: SQLite lets one writer in at a time, so there is nothing to race there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.utils import timezone

from console.errors import Refused
from jobs.choices import EventKind, JobStatus
from jobs.models import ChangeRequest, Job, JobEvent, Occurrence, PortalLink, Series
from jobs.services import (
    NewJob,
    ask_for_change,
    complete_job,
    complete_step,
    create_job,
    create_jobs,
    create_series,
    make_due_occurrences,
    reissue_portal_link,
    schedule_job,
)
from tests.factories import make_job, make_template

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="races need more than one writer: PostgreSQL only"),
]
CROWD = 20


def all_at_once(action, crowd=CROWD):
    """Runs ``action(n)`` in that many threads, started together; their results, or what they raised."""
    barrier = Barrier(crowd)

    def run(number):
        try:
            barrier.wait()
            return action(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(crowd) as pool:
        return list(pool.map(run, range(crowd)))


def numbers():
    return sorted(int(number[2:]) for number in Job.objects.values_list("number", flat=True))


def test_numbers_are_given_once_and_without_gaps(cast):
    made = all_at_once(lambda n: create_job(NewJob(cast.acme, cast.exchange), by=cast.dana))
    assert all(isinstance(job, Job) for job in made), made
    assert numbers() == list(range(1, CROWD + 1))
    assert cast.exchange.versions.count() == 1


def test_a_creation_that_fails_leaves_no_gap_between_the_others(cast):
    def action(n):
        return create_jobs([NewJob(cast.acme, cast.exchange, address="x" * (301 if n % 3 == 0 else 3))] * 3, by=None)

    made = all_at_once(action)
    good = sum(isinstance(jobs, list) for jobs in made)
    assert good == sum(n % 3 != 0 for n in range(CROWD))
    assert numbers() == list(range(1, 3 * good + 1))


def test_one_external_id_makes_one_job(cast):
    all_at_once(lambda n: create_job(NewJob(cast.acme, cast.exchange, external_id="A-1"), by=cast.dana))
    assert Job.objects.count() == 1
    assert numbers() == [1]


def test_a_job_is_completed_once(cast):
    job = make_job(cast.acme, cast.exchange)
    done = all_at_once(lambda n: complete_job(job, by=cast.dana))
    assert sum(isinstance(result, Job) for result in done) == 1
    assert sum(isinstance(result, Refused) for result in done) == CROWD - 1
    assert JobEvent.objects.filter(kind=EventKind.COMPLETED).count() == 1
    assert Job.history.filter(id=job.pk).count() == 2


def test_a_step_is_completed_once_and_the_last_completes_the_job(cast):
    job = make_job(cast.acme, make_template(steps=("a", "b")))
    all_at_once(lambda n: complete_step(job, "ab"[n % 2], by=cast.dana))
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED
    kinds = list(job.events.values_list("kind", flat=True))
    assert kinds.count(EventKind.STEP_COMPLETED) == 2
    assert kinds.count(EventKind.STARTED) == kinds.count(EventKind.COMPLETED) == 1


def test_one_request_waits_however_often_she_asks(cast):
    job = make_job(cast.acme, cast.exchange)
    all_at_once(lambda n: ask_for_change(job, by=None, kind=ChangeRequest.Kind.CHANGE, reason=f"Reason {n}."))
    request = ChangeRequest.objects.get()
    assert all(f"Reason {n}." in request.reason for n in range(CROWD))


def test_completing_and_scheduling_at_once_never_leaves_a_job_between_both(cast):
    job = make_job(cast.acme, cast.exchange)
    start = timezone.now()
    all_at_once(lambda n: (complete_job if n % 2 else lambda j, by: schedule_job(j, by=by, start=start))(job, by=None))
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED
    assert job.completed_at is not None


def test_re_issuing_at_once_leaves_one_link_alive_and_one_in_the_notes(cast):
    job = make_job(cast.acme, cast.exchange)
    first = job.portal_links.get()
    all_at_once(lambda n: reissue_portal_link(first, by=cast.dana), crowd=6)
    job.refresh_from_db()
    assert PortalLink.objects.alive().get()
    assert job.notes.count("{portal_link}") == 1


def test_no_occurrence_is_made_twice_however_many_make_them(cast):
    facts = {
        "name": "Daily",
        "customer": cast.acme,
        "template": cast.exchange,
        "rules": [{"kind": "day", "every": 1}],
        "starts_on": timezone.localdate(),
        "create_days_ahead": 9,
    }
    series = create_series(facts, by=cast.dana)
    job_events = JobEvent.objects.filter(kind=EventKind.CREATED)
    Occurrence.objects.all().delete()
    Job.objects.all().delete()
    Series.objects.update(settled_until=timezone.localdate() - timedelta(days=1))
    made = all_at_once(lambda n: make_due_occurrences(), crowd=8)
    assert sum(result.jobs for result in made) == 10
    assert Job.objects.count() == series.occurrences.count() == job_events.count() == 10
