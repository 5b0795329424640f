"""Writing down what happened: in the transaction that made it true, announced after the commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils import timezone

from audit.act import current_act
from audit.bulk import BulkRows
from audit.events import facts_of_the_act, record_events, tell_after_commit
from jobs.choices import JobStatus
from jobs.models import Job, JobEvent
from jobs.models.payloads import (
    JobCancelled,
    JobCompleted,
    JobCreated,
    JobPaused,
    JobPayload,
    JobPostponed,
    JobScheduled,
    JobStarted,
    WorkerAssigned,
)
from jobs.search_text import search_text


def new_event(job: Job, payload: JobPayload) -> JobEvent:
    """An event that is not saved yet, with person, source and request of the act under way."""
    return JobEvent(job=job, kind=payload.kind, data=payload.stored(), **facts_of_the_act())


def record_job_events(events: Sequence[JobEvent]) -> list[JobEvent]:
    """Saves events, and tells about them once the transaction is committed."""
    return record_events(JobEvent, events)


# What has happened, besides being made and planned, to a new job that was begun elsewhere.
_REACHED: dict[str, tuple[JobPayload, ...]] = {
    JobStatus.STARTED: (JobStarted(),),
    JobStatus.PAUSED: (JobStarted(), JobPaused()),
    JobStatus.COMPLETED: (JobCompleted(),),
    JobStatus.CANCELLED: (JobCancelled(),),
    JobStatus.POSTPONED: (JobPostponed(),),
}


class FirstEvents:
    """The events of new jobs: created, scheduled where the start is known, and what brought them where they stand.

    ``announce``: False marks them as announced, so that nobody is told. Asks the database nothing before ``write``.
    """

    def __init__(self, announce: bool) -> None:
        act, now = current_act(), timezone.now()
        self._sheet = BulkRows(
            JobEvent,
            at=now,
            by_id=act.by.pk if act.by is not None else None,
            actor=act.actor[:200],
            source=act.source,
            request_id=act.request_id,
            announced_at=None if announce else now,
        )

    def add(self, jobs: Sequence[Job]) -> None:
        """Takes the events of these jobs in."""
        keys: list[int] = []
        kinds: list[str] = []
        data: list[dict[str, object]] = []

        def happened(job: Job, payload: JobPayload) -> None:
            keys.append(job.id)
            kinds.append(payload.kind.value)
            data.append(payload.stored())

        # As a rule they all came by one source.
        created = {source: JobCreated(source) for source in {job.source for job in jobs}}
        for job in jobs:
            happened(job, created[job.source])
            if job.planned_start:
                happened(job, JobScheduled(job.planned_start, window_end=job.window_end))
            if job.worker_id and job.worker:
                happened(job, WorkerAssigned(job.worker.name))
            for payload in _REACHED.get(job.status, ()):
                happened(job, payload)
        self._sheet.add(job_id=keys, kind=kinds, data=data)

    def write(self) -> None:
        """Saves them."""
        self._sheet.write()


def tell_of_new_jobs(jobs: Sequence[Job]) -> None:
    """Tells about the first events of jobs once the transaction that made them is committed."""
    events = JobEvent.objects.filter(job__in_set=[job.id for job in jobs]).order_by("id")
    tell_after_commit(JobEvent, list(events.values_list("pk", flat=True)))


def record_event(job: Job, payload: JobPayload) -> JobEvent:
    """Saves one event."""
    return record_job_events([new_event(job, payload)])[0]


# So many jobs are written at once.
PIECE = 500


def search_text_of(job: Job) -> str:
    """What people type to find a job, in the form in which words are searched."""
    facts = (job.number, job.external_id, job.customer.name, job.address, job.contact_name, job.contact_email)
    return search_text((*facts, job.contact_phone, job.asset_id), job.contact_phone)


def write_search_texts(customers: Collection[int]) -> None:
    """Write anew by which words the jobs of these customers (primary keys) are found."""
    jobs = Job.objects.filter(customer__in=customers).select_related("customer").order_by("pk")
    changed: list[Job] = []
    for job in jobs.iterator(chunk_size=PIECE):
        text = search_text_of(job)
        if text != job.search_text:
            job.search_text = text
            changed.append(job)
        if len(changed) == PIECE:
            Job.objects.bulk_update(changed, ["search_text"])
            changed.clear()
    if changed:
        Job.objects.bulk_update(changed, ["search_text"])
