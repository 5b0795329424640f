"""Before many jobs are scheduled or assigned, each is told with its time, its worker and what is wrong with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Job
from jobs.services import complete_job, schedule_job
from tests.console.people import narrow
from tests.factories import make_job

LIST = "/admin/jobs/job/"
FORM = "%Y-%m-%dT%H:%M"


def form_of(action, *jobs, **answers):
    """What the page sends while she is still choosing."""
    return {
        "action": action,
        "index": "0",
        "select_across": "0",
        "_selected_action": [str(job.pk) for job in jobs],
        "_form_submitted": "1",
        "_preview": "1",
        **answers,
    }


@pytest.fixture
def start():
    return timezone.make_aware(timezone.datetime(2031, 5, 5, 8, 0))


@pytest.fixture
def jobs(cast):
    return [make_job(cast.acme, cast.exchange, duration_minutes=30) for _ in range(2)]


def plan(client, *jobs, **answers):
    return client.post(LIST, form_of("schedule_many", *jobs, **answers)).content.decode()


def test_each_job_is_told_with_its_time_and_worker(cast, sign_in, jobs, start):
    page = plan(sign_in(cast.dana), *jobs, start=start.strftime(FORM), worker=cast.theo.pk, in_a_row="on")
    assert f"{jobs[1].number}: Mon 5 May, 08:00–08:30, Theo." in page
    assert f"{jobs[0].number}: Mon 5 May, 08:30–09:00, Theo." in page
    assert not Job.objects.exclude(planned_start=None).exists(), "a preview does nothing"


def test_jobs_that_would_begin_together_clash_with_each_other(cast, sign_in, jobs, start):
    page = plan(sign_in(cast.dana), *jobs, start=start.strftime(FORM), worker=cast.theo.pk)
    assert f"{jobs[0].number}: Mon 5 May, 08:00–08:30, Theo. Clashes with {jobs[1].number}." in page
    page = plan(sign_in(cast.dana), *jobs, start=start.strftime(FORM))
    assert "Clashes" not in page, "nobody does them yet"


def test_a_job_that_stands_already_is_named(cast, sign_in, jobs, start):
    other = make_job(cast.birch, cast.exchange)
    schedule_job(other, by=cast.dana, start=start + timedelta(minutes=10), worker=cast.theo)
    page = plan(sign_in(cast.dana), jobs[0], start=start.strftime(FORM), worker=cast.theo.pk, in_a_row="on")
    assert f"Clashes with {other.number}." in page


def test_but_not_to_somebody_who_may_not_see_it(cast, sign_in, jobs, start):
    other = make_job(cast.cedar, cast.exchange)
    schedule_job(other, by=cast.dana, start=start, worker=cast.theo)
    narrow(cast.dana, cast.acme)
    page = plan(sign_in(cast.dana), jobs[0], start=start.strftime(FORM), worker=cast.theo.pk, in_a_row="on")
    assert "Clashes with another job." in page and other.number not in page


def test_those_that_cannot_be_are_named_first(cast, sign_in, jobs, start):
    complete_job(jobs[0], by=cast.dana)
    page = plan(sign_in(cast.dana), *jobs, start=start.strftime(FORM), in_a_row="on")
    assert f"{jobs[0].number}: stays as it is (completed)." in page
    assert page.index(f"{jobs[0].number}: stays") < page.index(f"{jobs[1].number}: Mon")


def test_giving_them_to_a_worker_is_foreseen_too(cast, sign_in, jobs, start):
    for job in jobs:
        schedule_job(job, by=cast.dana, start=start)
    page = sign_in(cast.dana).post(LIST, form_of("assign_many", *jobs, worker=cast.theo.pk)).content.decode()
    assert f"{jobs[0].number}: Mon 5 May, 08:00–08:30, Theo. Clashes with {jobs[1].number}." in page
    assert not Job.objects.exclude(worker=None).exists()


def test_a_time_that_is_none_is_waited_for(cast, sign_in, jobs):
    assert "Choose, and the effect appears here." in plan(sign_in(cast.dana), *jobs, start="soon")


def test_it_costs_the_same_for_two_jobs_and_for_many(cast, sign_in, start):
    many = [make_job(cast.acme, cast.exchange) for _ in range(30)]
    dana = sign_in(cast.dana)

    def cost(some):
        with CaptureQueriesContext(connection) as caught:
            plan(dana, *some, start=start.strftime(FORM), worker=cast.theo.pk)
        return len(caught)

    cost(many)
    assert cost(many[:2]) == cost(many)


@pytest.mark.parametrize("person", ["sam", "nell"])
def test_who_may_not_schedule_foresees_nothing(cast, sign_in, jobs, start, person):
    page = plan(sign_in(getattr(cast, person)), *jobs, start=start.strftime(FORM), worker=cast.theo.pk)
    assert "5 May" not in page
