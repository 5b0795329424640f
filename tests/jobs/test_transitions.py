"""Every step in every state: what the table allows is done and told once, what it forbids changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from console.errors import Refused
from jobs import services
from jobs.choices import CUSTOMER_WORDS, JOB_STATUS_COLOURS, NOT_STARTED, OPEN, EventKind, JobStatus
from jobs.models import Job, PortalLink
from jobs.transitions import TRANSITIONS, UnknownTransition, is_possible, possible
from tests.factories import make_job

STEPS = {
    "schedule": (lambda job, by: services.schedule_job(job, by=by, start=timezone.now()), EventKind.SCHEDULED),
    "unschedule": (lambda job, by: services.unschedule_job(job, by=by), EventKind.CHANGED),
    "start": (lambda job, by: services.start_job(job, by=by), EventKind.STARTED),
    "pause": (lambda job, by: services.pause_job(job, by=by), EventKind.PAUSED),
    "resume": (lambda job, by: services.resume_job(job, by=by), EventKind.RESUMED),
    "complete": (lambda job, by: services.complete_job(job, by=by), EventKind.COMPLETED),
    "postpone": (lambda job, by: services.postpone_job(job, by=by, reason="rain"), EventKind.POSTPONED),
    "cancel": (lambda job, by: services.cancel_job(job, by=by, reason="rain"), EventKind.CANCELLED),
    "undo_cancel": (lambda job, by: services.undo_cancel_job(job, by=by), EventKind.CANCELLATION_UNDONE),
}
STEPS_TO = {
    JobStatus.UNASSIGNED: [],
    JobStatus.SCHEDULED: ["schedule"],
    JobStatus.STARTED: ["start"],
    JobStatus.PAUSED: ["start", "pause"],
    JobStatus.COMPLETED: ["complete"],
    JobStatus.CANCELLED: ["cancel"],
    JobStatus.POSTPONED: ["postpone"],
}


@pytest.fixture
def a_job(cast):
    def _a_job(status, by=cast.dana):
        job = make_job(cast.acme, cast.exchange, by=by)
        for step in STEPS_TO[status]:
            job = STEPS[step][0](job, by)
        return job

    return _a_job


def test_the_tables_know_every_state_and_step():
    assert set(STEPS) == set(TRANSITIONS)
    assert set(STEPS_TO) == set(JobStatus) == set(CUSTOMER_WORDS) == set(JOB_STATUS_COLOURS)
    assert set(NOT_STARTED) < set(OPEN) < set(JobStatus)
    with pytest.raises(UnknownTransition):
        is_possible("explode", JobStatus.STARTED)


@pytest.mark.parametrize("status", JobStatus)
@pytest.mark.parametrize("step", TRANSITIONS)
def test_a_step(cast, a_job, status, step):
    job = a_job(status)
    before, seen = Job.objects.filter(pk=job.pk).values().get(), set(job.events.values_list("pk", flat=True))
    histories = job.history.count()
    do, kind = STEPS[step]
    if TRANSITIONS[step] in possible(status):
        after = do(job, cast.dana)
        stored = Job.objects.get(pk=job.pk)
        assert after.status == stored.status
        assert stored.status == TRANSITIONS[step].target
        expected = EventKind.RESCHEDULED if (step, status) == ("schedule", JobStatus.SCHEDULED) else kind
        (event,) = job.events.exclude(pk__in=seen)
        assert (event.kind, event.by, event.actor) == (expected, cast.dana, "Dana")
        assert job.history.count() == histories + 1
    else:
        with pytest.raises(Refused, match=f"^{job.number} is {status.label.lower()}: (it|there) "):
            do(job, cast.dana)
        assert Job.objects.filter(pk=job.pk).values().get() == before
        assert set(job.events.values_list("pk", flat=True)) == seen
        assert job.history.count() == histories


def test_what_cannot_be_done_is_said_in_a_sentence(cast, a_job):
    job = a_job(JobStatus.COMPLETED)
    said = {}
    for step in ("schedule", "start", "cancel", "undo_cancel"):
        with pytest.raises(Refused) as refused:
            STEPS[step][0](job, cast.dana)
        said[step] = str(refused.value).removeprefix(f"{job.number} is completed: ")
    assert said == {
        "schedule": "it cannot be scheduled.",
        "start": "it cannot be started.",
        "cancel": "it cannot be cancelled.",
        "undo_cancel": "there is no cancellation to undo.",
    }


@pytest.mark.parametrize("status", JobStatus)
def test_its_link_lives_as_long_as_it_is_open(a_job, status):
    job = a_job(status)
    link = job.portal_links.get()
    alive = PortalLink.objects.alive().filter(pk=link.pk).exists()
    assert alive == (link.why_dead == "") == (status in OPEN)


def test_a_stale_copy_does_not_bring_back_the_past(cast, a_job):
    stale = a_job(JobStatus.SCHEDULED)
    services.cancel_job(Job.objects.get(pk=stale.pk), by=cast.dana, reason="rain")
    with pytest.raises(Refused):
        services.start_job(stale, by=cast.dana)
    assert Job.objects.get(pk=stale.pk).status == JobStatus.CANCELLED


def test_a_job_that_is_gone_is_said_to_be_gone(cast, a_job):
    job = a_job(JobStatus.UNASSIGNED)
    services.delete_job(Job.objects.get(pk=job.pk), by=cast.olivia)
    with pytest.raises(Refused, match="no longer exists"):
        services.start_job(job, by=cast.dana)
    assert Job.history.filter(id=job.pk, history_type="-").get().history_user == cast.olivia


@pytest.mark.parametrize("status", [JobStatus.UNASSIGNED, JobStatus.SCHEDULED, JobStatus.STARTED])
def test_an_undone_cancellation_leads_back_to_where_it_was(cast, a_job, status):
    job = services.cancel_job(a_job(status), by=cast.dana, reason="rain")
    job = services.undo_cancel_job(job, by=cast.dana)
    assert (job.status, job.cancelled_at, job.cancellation_reason) == (status, None, "")


def test_the_reason_of_a_cancellation_stands_on_job_event_and_history(cast, a_job):
    job = services.cancel_job(a_job(JobStatus.SCHEDULED), by=cast.dana, reason="Customer moved away")
    assert job.cancellation_reason == "Customer moved away"
    assert job.events.last().data["reason"] == "Customer moved away"
    assert job.history.first().history_change_reason == "Customer moved away"


class TestScheduling:
    def test_the_same_again_tells_nobody(self, cast, a_job):
        start = timezone.now()
        job = services.schedule_job(a_job(JobStatus.UNASSIGNED), by=cast.dana, start=start, worker=cast.theo)
        events, rows = job.events.count(), job.history.count()
        services.schedule_job(job, by=cast.dana, start=start, worker=cast.theo, duration_minutes=job.duration_minutes)
        assert (job.events.count(), job.history.count()) == (events, rows)

    def test_a_new_worker_is_an_event_of_its_own(self, cast, a_job):
        start = timezone.now()
        job = services.schedule_job(a_job(JobStatus.UNASSIGNED), by=cast.dana, start=start)
        services.schedule_job(job, by=cast.dana, start=start, worker=cast.theo)
        assert [event.kind for event in job.events.all()][1:] == [EventKind.SCHEDULED, EventKind.ASSIGNED]

    def test_another_time_is_a_rescheduling_that_knows_both(self, cast, a_job):
        job = a_job(JobStatus.SCHEDULED)
        before, after = job.planned_start, job.planned_start + timedelta(hours=3)
        job = services.schedule_job(job, by=cast.dana, start=after)
        event = job.events.last()
        assert event.kind == EventKind.RESCHEDULED
        assert event.data == {"start": after.isoformat(), "before": before.isoformat()}

    def test_nobody_who_left_gets_work(self, cast, a_job):
        cast.theo.is_active = False
        cast.theo.save()
        job = a_job(JobStatus.UNASSIGNED)
        with pytest.raises(Refused, match="Theo"):
            services.assign_worker(job, by=cast.dana, worker=cast.theo)
        with pytest.raises(Refused, match="Theo"):
            services.schedule_job(job, by=cast.dana, start=timezone.now(), worker=cast.theo)

    def test_assigning_twice_tells_once_and_nobody_is_somebody_too(self, cast, a_job):
        job = a_job(JobStatus.UNASSIGNED)
        for worker in (cast.theo, cast.theo, None):
            job = services.assign_worker(job, by=cast.dana, worker=worker)
        told = [event.data["worker"] for event in job.events.filter(kind=EventKind.ASSIGNED)]
        assert told == ["Theo", None]

    def test_a_job_that_is_over_keeps_its_worker(self, cast, a_job):
        with pytest.raises(Refused):
            services.assign_worker(a_job(JobStatus.COMPLETED), by=cast.dana, worker=cast.theo)


class TestSteps:
    def test_the_first_starts_it_and_the_last_completes_it(self, cast, a_job):
        job = a_job(JobStatus.SCHEDULED)
        keys = [step.key for step in job.steps()]
        states = [services.complete_step(job, key, by=cast.dana).status for key in keys]
        assert states == [JobStatus.STARTED, JobStatus.STARTED, JobStatus.COMPLETED]
        kinds = [event.kind for event in job.events.all()][2:]
        step = EventKind.STEP_COMPLETED
        assert kinds == [EventKind.STARTED, step, step, step, EventKind.COMPLETED]

    def test_doing_one_twice_changes_nothing(self, cast, a_job):
        job = a_job(JobStatus.SCHEDULED)
        key = job.steps()[0].key
        once = services.complete_step(job, key, by=cast.dana)
        events = job.events.count()
        assert services.complete_step(job, key, by=cast.dana).steps_done == once.steps_done
        assert job.events.count() == events

    def test_a_step_it_does_not_have_is_named(self, cast, a_job):
        with pytest.raises(Refused, match="dance"):
            services.complete_step(a_job(JobStatus.STARTED), "dance", by=cast.dana)

    def test_a_job_that_is_over_takes_no_more(self, cast, a_job):
        job = a_job(JobStatus.CANCELLED)
        with pytest.raises(Refused):
            services.complete_step(job, job.steps()[0].key, by=cast.dana)
