"""A job's way through its states, by the table in ``jobs.transitions``."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Worker
from audit.act import acting
from console.errors import Refused
from console.reach import require_reach
from jobs.choices import JobStatus
from jobs.models import Job
from jobs.models.payloads import (
    CancellationUndone,
    JobCancelled,
    JobChanged,
    JobCompleted,
    JobPaused,
    JobPayload,
    JobPostponed,
    JobRescheduled,
    JobResumed,
    JobScheduled,
    JobStarted,
    StepCompleted,
    WorkerAssigned,
)
from jobs.services.recording import record_event
from jobs.services.sanity import require_sane_jobs
from jobs.transitions import is_possible, transition
from jobs.windows import moved_window
from templates_app.services import By


def locked(job: Job, *, by: By) -> Job:
    """The job as it stands in the database, locked until the transaction ends, for ``by`` to change.

    Raises Refused when it is gone, NotAllowed when it is not in what was granted to ``by``.
    """
    found = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk).first()
    if found is None:
        raise Refused(_("This job no longer exists."))
    require_reach(by, found)
    return found


def _move(job: Job, name: str, payload: JobPayload, *, to: str = "") -> Job:
    """Takes one step of the table. ``job`` is locked and carries the other changes already."""
    step = transition(name)
    if not is_possible(name, job.status):
        words = {"number": job.number, "status": job.get_status_display().lower()}
        raise Refused(str(step.refusal) % words)
    job.status = to or step.target
    job.save()
    record_event(job, payload)
    return job


class Window(Enum):
    """What becomes of the window of time that a customer was promised."""

    # It moves with the planned start.
    KEEP = "keep"


def schedule_job(
    job: Job,
    *,
    by: By,
    start: datetime,
    worker: Worker | None = None,
    duration_minutes: int | None = None,
    window_end: datetime | Window | None = Window.KEEP,
) -> Job:
    """Gives a job its planned start (aware), and a worker if one is named. Again for another time: rescheduled.

    ``window_end``: the end of the window that the customer is promised (aware), None for none; a job that has one keeps
    it, as long as it was, unless another is given. A new worker is told apart: an event of its own. Nothing new:
    nothing is written. Raises Refused when the job's state rules it out or the worker no longer works here,
    ValidationError for a time, a window or a duration nobody means.
    """
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        before, was_scheduled = job.planned_start, job.status == JobStatus.SCHEDULED
        reassigned = worker is not None and job.worker_id != worker.pk
        relength = duration_minutes is not None and job.duration_minutes != duration_minutes
        had = job.window_end
        window = moved_window(before, had, start) if isinstance(window_end, Window) else window_end
        is_same_time = was_scheduled and before == start and had == window
        if is_same_time and not reassigned and not relength:
            return job
        job.planned_start, job.window_end = start, window
        if worker is not None and reassigned:
            _require_active(worker)
            job.worker = worker
        if duration_minutes is not None:
            job.duration_minutes = duration_minutes
        require_sane_jobs([job])
        if not is_same_time:
            moved = JobRescheduled(start, before, window_end=window) if was_scheduled and before else None
            job = _move(job, "schedule", moved or JobScheduled(start, window_end=window))
        else:
            job.save()
            if relength:
                record_event(job, JobChanged(("duration_minutes",)))
        if worker is not None and reassigned:
            record_event(job, WorkerAssigned(worker.name))
        return job


def _require_active(worker: Worker) -> None:
    if not worker.is_active:
        raise Refused(_("%s no longer works here. Choose somebody else.") % worker)


def unschedule_job(job: Job, *, by: By) -> Job:
    """Takes the planned start away; the worker stays suggested."""
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        job.planned_start = job.window_end = None
        return _move(job, "unschedule", JobChanged())


def assign_worker(job: Job, *, by: By, worker: Worker | None) -> Job:
    """Names who does the job, or nobody. Raises Refused when the job is over."""
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        if not job.is_open:
            raise Refused(_("%s is over: its worker stays.") % job.number)
        if job.worker_id != (worker.pk if worker else None):
            if worker is not None:
                _require_active(worker)
            job.worker = worker
            job.save()
            record_event(job, WorkerAssigned(worker.name if worker else None))
        return job


def start_job(job: Job, *, by: By) -> Job:
    """The worker begins."""
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        job.started_at = job.started_at or timezone.now()
        return _move(job, "start", JobStarted())


def pause_job(job: Job, *, by: By) -> Job:
    """The worker interrupts."""
    with transaction.atomic(), acting(by=by):
        return _move(locked(job, by=by), "pause", JobPaused())


def resume_job(job: Job, *, by: By) -> Job:
    """The worker goes on."""
    with transaction.atomic(), acting(by=by):
        return _move(locked(job, by=by), "resume", JobResumed())


def complete_step(job: Job, key: str, *, by: By) -> Job:
    """One step is done. The first starts the job, the last completes it. Doing one twice changes nothing.

    Raises Refused for a step the job does not have, and for a job that is over.
    """
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        steps = {step.key: step for step in job.steps()}
        if key not in steps:
            raise Refused(_("%(number)s has no step “%(key)s”.") % {"number": job.number, "key": key})
        if key in job.steps_done:
            return job
        if not job.is_open:
            raise Refused(_("%s is over.") % job.number)
        if job.has_not_started:
            job = start_job(job, by=by)
        job.steps_done = {**job.steps_done, key: timezone.now().isoformat()}
        job.save()
        record_event(job, StepCompleted(step=key, name=steps[key].name))
        if all(step in job.steps_done for step in steps):
            job = complete_job(job, by=by)
        return job


def complete_job(job: Job, *, by: By) -> Job:
    """The work is done. Steps not ticked off count as done now. Its portal links die by this."""
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        now = timezone.now()
        job.started_at = job.started_at or now
        job.completed_at = now
        job.steps_done = {step.key: now.isoformat() for step in job.steps()} | job.steps_done
        return _move(job, "complete", JobCompleted())


def postpone_job(job: Job, *, by: By, reason: str = "") -> Job:
    """Puts a job off: it loses its planned start and waits."""
    with transaction.atomic(), acting(by=by, reason=reason or None):
        job = locked(job, by=by)
        before, job.planned_start, job.window_end = job.planned_start, None, None
        return _move(job, "postpone", JobPostponed(reason, before))


def cancel_job(job: Job, *, by: By, reason: str) -> Job:
    """Calls a job off; it is kept, and the cancellation can be undone. Its portal links die by this."""
    with transaction.atomic(), acting(by=by, reason=reason or None):
        job = locked(job, by=by)
        job.cancelled_at = timezone.now()
        job.cancellation_reason = reason[:200]
        return _move(job, "cancel", JobCancelled(reason))


def undo_cancel_job(job: Job, *, by: By) -> Job:
    """Brings a cancelled job back: started if it was, scheduled if it has its time, else unassigned.

    Its links live again.
    """
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        job.cancelled_at, job.cancellation_reason = None, ""
        if job.started_at:
            to = JobStatus.STARTED
        else:
            to = JobStatus.SCHEDULED if job.planned_start else JobStatus.UNASSIGNED
        return _move(job, "undo_cancel", CancellationUndone(), to=to)
