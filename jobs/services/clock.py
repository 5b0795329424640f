"""What becomes true by the clock alone: a start is near, a start or an end has passed. The sweep of alerts calls it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from jobs.choices import EventKind, JobStatus
from jobs.models import Job, JobEvent
from jobs.models.payloads import FinishMissed, PlannedPayload, StartIsNear, StartMissed, payload_of
from jobs.querysets import late_at
from jobs.services.recording import new_event, record_job_events

# What is longer overdue is no news: whoever switches an alert on is not told about last year.
NEWS = timedelta(days=2)
AT_ONCE = 500


def record_reminders(hours: Collection[int]) -> list[JobEvent]:
    """One event for each job whose planned start is at most so many hours away, for each number of hours once.

    A job that was planned later than that has had its message already, and gets no reminder. A new start, a new
    reminder.
    """
    made = []
    for hours_before in sorted(set(hours)):
        now = timezone.now()
        near = Q(
            status=JobStatus.SCHEDULED, planned_start__gt=now, planned_start__lte=now + timedelta(hours=hours_before)
        )

        def is_due(job: Job, planned_at: datetime, hours_before: int = hours_before) -> bool:
            return job.planned_start is not None and planned_at <= job.planned_start - timedelta(hours=hours_before)

        def payload_for(job: Job, hours_before: int = hours_before) -> StartIsNear:
            return StartIsNear(job.planned_start, hours_before)

        made += _record(near, EventKind.REMINDED, is_due, payload_for)
    return made


def record_missed(kinds: Collection[str]) -> list[JobEvent]:
    """One event for each job that has missed its planned start, or its planned end, in the last two days; of the
    kinds asked for, and once for each planned start."""
    now = timezone.now()
    made: list[JobEvent] = []
    if EventKind.START_MISSED in kinds:
        late = Q(status=JobStatus.SCHEDULED, planned_start__gt=now - NEWS) & late_at(now)
        made += _record(
            late, EventKind.START_MISSED, lambda job, planned_at: True, lambda job: StartMissed(job.planned_start)
        )
    if EventKind.FINISH_MISSED in kinds:
        running = Q(status__in=(JobStatus.STARTED, JobStatus.PAUSED), planned_start__lt=now)

        def is_over(job: Job, planned_at: datetime) -> bool:
            end = job.planned_end
            return end is not None and now - NEWS < end < now

        started = running & Q(planned_start__gt=now - 2 * NEWS)
        made += _record(started, EventKind.FINISH_MISSED, is_over, lambda job: FinishMissed(job.planned_start))
    return made


def _record(
    condition: Q,
    kind: EventKind,
    is_due: Callable[[Job, datetime], bool],
    payload_for: Callable[[Job], PlannedPayload],
) -> list[JobEvent]:
    """``is_due``: is it, planned at that moment? ``payload_for``: what is written down, each but once.

    Whom nobody told yet is found first, and taken in portions then: a portion of all that fit would be the same ones
    for ever, once they were told.
    """
    made: list[JobEvent] = []
    untold = _untold(condition, kind, payload_for)
    while untold:
        portion, untold = untold[:AT_ONCE], untold[AT_ONCE:]
        made += _write(condition & Q(pk__in=portion), kind, is_due, payload_for)
    return made


def _untold(condition: Q, kind: EventKind, payload_for: Callable[[Job], PlannedPayload]) -> list[int]:
    """The jobs that fit and of which that was not written down yet, by primary key, the next ones first: two queries,
    however many there are."""
    fitting = Job.objects.filter(condition)
    events = JobEvent.objects.filter(kind=kind, job__in=fitting.order_by().values("pk")).order_by()
    told = {(key, payload_of(kind, data)) for key, data in events.values_list("job_id", "data")}
    jobs = fitting.order_by("planned_start", "pk").only("planned_start")
    return [job.pk for job in jobs if (job.pk, payload_for(job)) not in told]


def _write(
    condition: Q,
    kind: EventKind,
    is_due: Callable[[Job, datetime], bool],
    payload_for: Callable[[Job], PlannedPayload],
) -> list[JobEvent]:
    """The events of one portion, in one transaction."""
    with transaction.atomic():
        # Whoever else is at it has the others: nobody waits, nothing is written twice.
        locked = Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(condition)
        jobs = {job.pk: job for job in locked.order_by("planned_start", "pk")}
        told = {(event.job_id, event.payload) for event in JobEvent.objects.filter(job__in=jobs, kind=kind)}
        planned = JobEvent.objects.filter(job__in=jobs, kind__in=(EventKind.SCHEDULED, EventKind.RESCHEDULED))
        times: dict[int, datetime] = dict(planned.order_by().values_list("job").annotate(Max("at")))
        events = []
        for job in jobs.values():
            payload = payload_for(job)
            if (job.pk, payload) not in told and is_due(job, times.get(job.pk, job.created_at)):
                events.append(new_event(job, payload))
        return record_job_events(events) if events else []
