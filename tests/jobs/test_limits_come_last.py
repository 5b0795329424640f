"""Whoever was told already takes nobody's place: with any number of jobs everybody is reminded, and each once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Delivery
from alerts.services import sweep
from audit.act import acting
from jobs.choices import EventKind, JobStatus
from jobs.models import Job, JobEvent
from jobs.services import (
    NewJob,
    clock,
    create_jobs,
    create_series,
    make_due_occurrences,
    record_missed,
    record_reminders,
    series,
    skip_date,
)
from tests.alerts.makers import make_alert


@pytest.fixture
def at(time_machine):
    time_machine.move_to(timezone.now())
    return time_machine


def planned(cast, number, hours):
    """So many jobs with a start in so many hours, planned now."""
    start = timezone.now() + timedelta(hours=hours)
    with acting(by=cast.dana):
        return create_jobs(
            [
                NewJob(
                    cast.acme, cast.exchange, planned_start=start, contact_email=f"gita{place}@example.com"
                )
                for place in range(number)
            ],
            by=cast.dana,
        )  # fmt: skip


def begun(cast, number, hours):
    jobs = planned(cast, number, hours)
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(status=JobStatus.STARTED)
    return jobs


def scheduled(cast, number, hours):
    jobs = planned(cast, number, hours)
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(status=JobStatus.SCHEDULED)
    return jobs


KINDS = {
    EventKind.REMINDED: (scheduled, 30, timedelta(hours=7), lambda: record_reminders([24])),
    EventKind.START_MISSED: (scheduled, 1, timedelta(hours=5), lambda: record_missed([EventKind.START_MISSED])),
    EventKind.FINISH_MISSED: (begun, 1, timedelta(hours=9), lambda: record_missed([EventKind.FINISH_MISSED])),
}


def told(kind):
    return sorted(JobEvent.objects.filter(kind=kind).values_list("job_id", flat=True))


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_one_portion_is_told_of_and_each_once(cast, at, monkeypatch, kind):
    monkeypatch.setattr(clock, "AT_ONCE", 4)
    make, hours, later, record = KINDS[kind]
    jobs = make(cast, 11, hours)
    at.shift(later)
    for _round in range(4):
        record()
    assert told(kind) == sorted(job.pk for job in jobs)


@pytest.mark.parametrize("kind", KINDS)
def test_who_comes_after_a_full_portion_is_told_too(cast, at, monkeypatch, kind):
    monkeypatch.setattr(clock, "AT_ONCE", 4)
    make, hours, later, record = KINDS[kind]
    first = make(cast, 5, hours)
    record()
    at.shift(later)
    record()
    at.shift(-later)
    late = make(cast, 3, hours + 0.5)
    at.shift(later + timedelta(minutes=40))
    record()
    assert told(kind) == sorted(job.pk for job in [*first, *late])


def test_560_people_are_reminded_over_several_runs(cast, at):
    make_alert(EventKind.REMINDED, hours_before=24)
    jobs = scheduled(cast, 560, 30)
    JobEvent.objects.update(announced_at=timezone.now())
    at.shift(timedelta(hours=7))
    for _round in range(4):
        sweep()
    reminders = Delivery.objects.filter(kind=EventKind.REMINDED)
    assert len(set(reminders.values_list("recipient", flat=True))) == reminders.count() == len(jobs) == 560
    assert not reminders.filter(sent_at__isnull=True).exists()


def test_a_quiet_round_costs_the_same_queries_at_2_and_at_40_jobs(cast, at):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            record_reminders([24])
        return len(captured)

    scheduled(cast, 2, 30)
    at.shift(timedelta(hours=7))
    record_reminders([24])
    few = queries()
    at.shift(-timedelta(hours=7))
    scheduled(cast, 38, 30)
    at.shift(timedelta(hours=7))
    record_reminders([24])
    assert queries() == few


@pytest.mark.parametrize("skipped", [(), (2,), (1, 2, 3, 4), (5,)])
def test_a_series_makes_all_that_is_due_in_one_round_whatever_was_skipped(cast, at, monkeypatch, skipped):
    monkeypatch.setattr(series, "PORTION", 4)
    at.move_to("2026-03-02T09:00:00+01:00")
    first = date(2026, 3, 10)
    facts = {
        "name": "Acme daily", "customer": cast.acme, "template": cast.exchange,
        "rules": [{"kind": "day", "every": 1}], "starts_on": first, "create_days_ahead": 3,
    }  # fmt: skip
    daily = create_series(facts, by=cast.dana)
    for number in skipped:
        skip_date(daily, first + timedelta(days=number), by=cast.dana)
    # An outage of three weeks.
    at.move_to("2026-03-23T09:00:00+01:00")
    make_due_occurrences()
    made = set(daily.occurrences.filter(job__isnull=False).values_list("on", flat=True))
    wanted = {first + timedelta(days=number) for number in range(17) if number not in skipped}
    assert made == wanted
