"""The fixed vocabularies of jobs, each status with its badge colour and the words a customer reads."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    """The states of a job (PRODUCT.md section 5). Which follows which: transitions.py."""

    UNASSIGNED = "unassigned", _("Unassigned")
    SCHEDULED = "scheduled", _("Scheduled")
    STARTED = "started", _("Started")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    POSTPONED = "postponed", _("Postponed")


OPEN = (JobStatus.UNASSIGNED, JobStatus.SCHEDULED, JobStatus.STARTED, JobStatus.PAUSED, JobStatus.POSTPONED)
UNDER_WAY = (JobStatus.STARTED, JobStatus.PAUSED)
NOT_STARTED = (JobStatus.UNASSIGNED, JobStatus.SCHEDULED, JobStatus.POSTPONED)

# Unfold's label variants in the console.
JOB_STATUS_COLOURS = {
    JobStatus.UNASSIGNED: "warning",
    JobStatus.SCHEDULED: "info",
    JobStatus.STARTED: "primary",
    JobStatus.PAUSED: "warning",
    JobStatus.COMPLETED: "success",
    JobStatus.CANCELLED: "danger",
    JobStatus.POSTPONED: "warning",
}

# Pins on a map: dark enough for white letters.
JOB_STATUS_TONES = {
    JobStatus.UNASSIGNED: "#b45309",
    JobStatus.SCHEDULED: "#1d4ed8",
    JobStatus.STARTED: "#0f766e",
    JobStatus.PAUSED: "#854d0e",
    JobStatus.COMPLETED: "#4b5563",
    JobStatus.CANCELLED: "#b91c1c",
    JobStatus.POSTPONED: "#7e22ce",
}


class DeadBy(models.TextChoices):
    """What a portal link died of (PRODUCT.md section 6). With a deleted job it goes altogether."""

    REVOKED = "revoked", _("revoked")
    COMPLETED = "completed", _("job completed")
    CANCELLED = "cancelled", _("job cancelled")
    AGE = "age", _("too old")


# What a customer reads instead of the status.
CUSTOMER_WORDS = {
    JobStatus.UNASSIGNED: _("We have your request"),
    JobStatus.SCHEDULED: _("It is planned"),
    JobStatus.STARTED: _("We are on it"),
    JobStatus.PAUSED: _("Paused for a moment"),
    JobStatus.COMPLETED: _("Done"),
    JobStatus.CANCELLED: _("Cancelled"),
    JobStatus.POSTPONED: _("Put off, we will call you"),
}


class EventKind(models.TextChoices):
    """What can happen to a job. Past participles; the alerts' catalogue is keyed by them."""

    CREATED = "job.created", _("Job created")
    CHANGED = "job.changed", _("Job changed")
    ASSIGNED = "job.assigned", _("Worker assigned")
    SCHEDULED = "job.scheduled", _("Job scheduled")
    RESCHEDULED = "job.rescheduled", _("Job rescheduled")
    STARTED = "job.started", _("Job started")
    PAUSED = "job.paused", _("Job paused")
    RESUMED = "job.resumed", _("Job resumed")
    STEP_COMPLETED = "job.step_completed", _("Step completed")
    COMPLETED = "job.completed", _("Job completed")
    CANCELLED = "job.cancelled", _("Job cancelled")
    CANCELLATION_UNDONE = "job.cancellation_undone", _("Cancellation undone")
    POSTPONED = "job.postponed", _("Job postponed")
    CHANGE_REQUESTED = "job.change_requested", _("Change requested")
    CHANGE_ANSWERED = "job.change_answered", _("Change request answered")
    # What the clock makes true: written down by jobs.services.clock.
    REMINDED = "job.reminded", _("Start is near")
    START_MISSED = "job.start_missed", _("Overdue to start")
    FINISH_MISSED = "job.finish_missed", _("Overdue to finish")
    LINK_REVOKED = "link.revoked", _("Portal link revoked")
    LINK_REISSUED = "link.reissued", _("Portal link re-issued")


# What a job says instead of a number while its invoice has none.
BEING_BILLED = "pending"
