"""Writing down what happened: in the transaction that made it true, announced after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.act import current_act
from audit.bulk import insert, insert_columns, reserve_keys
from jobs.choices import EventKind, JobStatus
from jobs.models import Job, JobEvent
from jobs.signals import job_event_recorded


def new_event(job: Job, kind: EventKind, **data: Any) -> JobEvent:
    """An event that is not saved yet, with person, road and request of the act under way."""
    act = current_act()
    return JobEvent(
        job=job,
        kind=kind,
        at=timezone.now(),
        by=act.by,
        actor=act.actor[:200],
        road=act.road,
        request_id=act.request_id,
        data=data,
    )


def record_events(events: Sequence[JobEvent]) -> list[JobEvent]:
    """Saves events, and tells about them once the transaction is committed."""
    insert(JobEvent, events)
    _tell_after_commit([event.id for event in events])
    return list(events)


# What has happened, besides being made and planned, to a new job that was begun elsewhere.
_REACHED: dict[str, tuple[EventKind, ...]] = {
    JobStatus.STARTED: (EventKind.STARTED,),
    JobStatus.PAUSED: (EventKind.STARTED, EventKind.PAUSED),
    JobStatus.COMPLETED: (EventKind.COMPLETED,),
    JobStatus.CANCELLED: (EventKind.CANCELLED,),
    JobStatus.POSTPONED: (EventKind.POSTPONED,),
}


def record_first_events(jobs: Sequence[Job], announce: bool = True) -> None:
    """The events of new jobs: created, scheduled where the start is known, and what brought them where they stand.

    ``announce``: False tells nobody.
    """
    if not jobs:
        return
    act, now = current_act(), timezone.now()
    events: list[tuple[int, str, dict[str, Any]]] = []
    created, scheduled, assigned = EventKind.CREATED.value, EventKind.SCHEDULED.value, EventKind.ASSIGNED.value
    source = {"source": jobs[0].source}
    for job in jobs:
        events.append((job.id, created, source))
        if job.planned_start:
            events.append((job.id, scheduled, {"start": job.planned_start.isoformat()}))
        if job.worker:
            events.append((job.id, assigned, {"worker": job.worker.name}))
        for kind in _REACHED.get(job.status, ()):
            events.append((job.id, kind.value, {}))
    keys = reserve_keys(JobEvent, len(events))
    insert_columns(
        JobEvent,
        id=keys,
        job_id=[job for job, _kind, _data in events],
        kind=[kind for _job, kind, _data in events],
        data=[data for _job, _kind, data in events],
        at=now,
        by_id=act.by.pk if act.by is not None else None,
        actor=act.actor[:200],
        road=act.road,
        request_id=act.request_id,
        announced_at=None if announce else now,
    )
    if announce:
        _tell_after_commit(keys)


def _tell_after_commit(ids: list[int]) -> None:
    transaction.on_commit(partial(job_event_recorded.send, sender=JobEvent, event_ids=ids), robust=True)


def record_event(job: Job, kind: EventKind, **data: Any) -> JobEvent:
    """Saves one event."""
    return record_events([new_event(job, kind, **data)])[0]


def search_text_of(job: Job) -> str:
    """What people type to find a job, in small letters."""
    words = (
        job.number,
        job.external_id,
        job.customer.name,
        job.address,
        job.contact_name,
        job.contact_email,
        job.contact_phone,
        job.asset_id,
    )
    return " ".join(filter(None, words)).lower()
