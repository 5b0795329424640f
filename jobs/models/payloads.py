"""What can happen to a job: each kind of event with its facts, its sentences and the tokens it fills.

One class each, in one table (``PAYLOADS``). To add one: ``jobs.choices.EventKind``, a class here, the service that
records it, its line in ``alerts.catalogue``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.events import EventPayload
from jobs.choices import UNDER_WAY, EventKind, JobStatus
from jobs.models.jobs import ChangeRequest, Job
from jobs.windows import with_window


@dataclass(frozen=True)
class CustomerView:
    """What a customer may know of a job, and how their pages say a start (aware) with the end of its window, if any."""

    shows_worker: bool
    shown_steps: Collection[str]
    moment: Callable[[datetime, datetime | None], str]


@dataclass(frozen=True)
class JobPayload(EventPayload):
    """One kind of event."""

    kind: ClassVar[EventKind]
    # What the customer reads; empty: nothing. Where it depends on the facts, ``for_customer`` says it.
    customer: ClassVar[str | Promise]
    # Is it to be told of a job that was called off since?
    outlives_the_job: ClassVar[bool] = False

    def why_over(self, job: Job) -> str:
        """Return why nobody needs to be told any more, of the job as it stands now, in a sentence; empty while they do.

        Asked when a message goes out, which may be long after it was written.
        """
        if job.status == JobStatus.CANCELLED and not self.outlives_the_job:
            return _("The job has been cancelled since.")
        return ""

    def for_office(self) -> str:
        """The sentence the office reads; empty where the kind's own name says it all."""
        return ""

    def for_customer(self, view: CustomerView) -> str:
        """The sentence the customer reads; empty when she is not told."""
        return str(self.customer)


@dataclass(frozen=True)
class PlannedPayload(JobPayload):
    """An event that names the job's planned start, and the end of the window that the customer was promised then."""

    start: datetime | None
    window_end: datetime | None = field(default=None, kw_only=True)

    def why_another_start(self, job: Job) -> str:
        """Return that the job is planned for another moment by now, in a sentence; empty where it is not."""
        return "" if job.planned_start == self.start else _("The job has another planned start now.")


@dataclass(frozen=True)
class JobCreated(JobPayload):
    """From which source it came."""

    kind = EventKind.CREATED
    customer = gettext_lazy("We have your request")

    source: str


@dataclass(frozen=True)
class JobChanged(JobPayload):
    """``fields``: the names of the columns that differ."""

    kind = EventKind.CHANGED
    customer = gettext_lazy("Details changed")
    tokens = ("changed_fields",)

    fields: tuple[str, ...] = ()

    @property
    def changed_fields(self) -> str:
        """What differs, as it is called on screen."""
        return ", ".join(field_label(name) for name in self.fields)

    def for_office(self) -> str:
        return _("Changed: %s") % self.changed_fields if self.fields else ""


@dataclass(frozen=True)
class WorkerAssigned(JobPayload):
    """``worker``: the name; None when it was taken from its worker."""

    kind = EventKind.ASSIGNED
    customer = gettext_lazy("%s will come")

    worker: str | None

    def for_office(self) -> str:
        return _("Given to %s") % self.worker if self.worker else _("Taken from its worker")

    def for_customer(self, view: CustomerView) -> str:
        return str(self.customer) % self.worker if view.shows_worker and self.worker else ""


@dataclass(frozen=True)
class JobScheduled(PlannedPayload):
    """It got its planned start."""

    kind = EventKind.SCHEDULED
    customer = gettext_lazy("Planned for %s")

    def for_office(self) -> str:
        return _("Scheduled for %s") % _day_and_hour(self.start, self.window_end) if self.start else ""

    def for_customer(self, view: CustomerView) -> str:
        return str(self.customer) % view.moment(self.start, self.window_end) if self.start else ""


@dataclass(frozen=True)
class JobRescheduled(PlannedPayload):
    """It got another planned start."""

    kind = EventKind.RESCHEDULED
    customer = gettext_lazy("Moved to %s")
    tokens = ("previous_start",)

    before: datetime | None

    @property
    def previous_start(self) -> datetime | None:
        """When it was planned for."""
        return self.before

    def for_office(self) -> str:
        if not (self.start and self.before):
            return ""
        words = {"before": _day_and_hour(self.before), "start": _day_and_hour(self.start, self.window_end)}
        return _("Moved from %(before)s to %(start)s") % words

    def for_customer(self, view: CustomerView) -> str:
        return str(self.customer) % view.moment(self.start, self.window_end) if self.start else ""


@dataclass(frozen=True)
class WorkPayload(JobPayload):
    """How the work stands, which is news as long as it stands so. ``holds_in``: the statuses in which it does."""

    holds_in: ClassVar[tuple[JobStatus, ...]]

    def why_over(self, job: Job) -> str:
        if (why := super().why_over(job)) or job.status in self.holds_in:
            return why
        if job.status == JobStatus.COMPLETED:
            return _("The job has been completed since.")
        return _("The work stands differently by now.")


@dataclass(frozen=True)
class JobStarted(WorkPayload):
    """The worker began."""

    kind = EventKind.STARTED
    customer = gettext_lazy("We started")
    holds_in = UNDER_WAY


@dataclass(frozen=True)
class JobPaused(WorkPayload):
    """The worker interrupts."""

    kind = EventKind.PAUSED
    customer = gettext_lazy("Paused for a moment")
    holds_in = (JobStatus.PAUSED,)


@dataclass(frozen=True)
class JobResumed(WorkPayload):
    """The worker goes on."""

    kind = EventKind.RESUMED
    customer = gettext_lazy("We went on")
    holds_in = (JobStatus.STARTED,)


@dataclass(frozen=True)
class StepCompleted(JobPayload):
    """``step``: its key, ``name``: what it was called then."""

    kind = EventKind.STEP_COMPLETED
    customer = gettext_lazy("“%s” is done")
    tokens = ("step_name",)

    step: str
    name: str

    @property
    def step_name(self) -> str:
        """What the step is called."""
        return self.name

    def for_office(self) -> str:
        return _("Step done: %s") % self.name if self.name else ""

    def for_customer(self, view: CustomerView) -> str:
        return str(self.customer) % self.name if self.step in view.shown_steps else ""


@dataclass(frozen=True)
class JobCompleted(JobPayload):
    """All of it is done."""

    kind = EventKind.COMPLETED
    customer = gettext_lazy("Done")
    outlives_the_job = True


@dataclass(frozen=True)
class JobCancelled(JobPayload):
    """``reason``: as somebody wrote or chose it."""

    kind = EventKind.CANCELLED
    customer = gettext_lazy("Cancelled")
    tokens = ("reason",)
    outlives_the_job = True

    reason: str = ""

    def why_over(self, job: Job) -> str:
        return "" if job.status == JobStatus.CANCELLED else _("The job is on again.")

    def for_office(self) -> str:
        return f"{_('Cancelled')}: {self.reason}" if self.reason else ""


@dataclass(frozen=True)
class CancellationUndone(JobPayload):
    """It came back."""

    kind = EventKind.CANCELLATION_UNDONE
    customer = gettext_lazy("On again")


@dataclass(frozen=True)
class JobPostponed(JobPayload):
    """``before``: the planned start it lost."""

    kind = EventKind.POSTPONED
    customer = gettext_lazy("Put off")
    tokens = ("reason", "previous_start")

    reason: str = ""
    before: datetime | None = None

    @property
    def previous_start(self) -> datetime | None:
        """When it was planned for."""
        return self.before

    def for_office(self) -> str:
        return f"{_('Postponed')}: {self.reason}" if self.reason else ""


@dataclass(frozen=True)
class ChangeRequested(JobPayload):
    """``asks_to``: one of ``ChangeRequest.Kind``."""

    kind = EventKind.CHANGE_REQUESTED
    customer = gettext_lazy("You asked us to change it")
    tokens = ("reason", "asked_for")
    outlives_the_job = True

    asks_to: str
    reason: str

    @property
    def asked_for(self) -> str:
        """What she wants done."""
        return str(_REQUESTED.get(self.asks_to, ""))

    def for_office(self) -> str:
        head = _("Asked to cancel") if self.asks_to == ChangeRequest.Kind.CANCEL else _("Asked for a change")
        return f"{head}: {self.reason}" if self.reason else head

    def for_customer(self, view: CustomerView) -> str:
        return _("You asked us to cancel it") if self.asks_to == ChangeRequest.Kind.CANCEL else str(self.customer)


@dataclass(frozen=True)
class ChangeAnswered(JobPayload):
    """``asked_to``: what it was about, one of ``ChangeRequest.Kind``. The customer reads it at her request."""

    kind = EventKind.CHANGE_ANSWERED
    customer = ""
    tokens = ("asked_for", "decision", "answer")
    outlives_the_job = True

    asked_to: str
    accepted: bool
    answer: str

    @property
    def asked_for(self) -> str:
        """What she wanted done."""
        return str(_REQUESTED.get(self.asked_to, ""))

    @property
    def decision(self) -> str:
        """Yes or no."""
        return _("yes") if self.accepted else _("no")

    def for_office(self) -> str:
        head = _("Request accepted") if self.accepted else _("Request declined")
        return f"{head}: {self.answer}" if self.answer else head


@dataclass(frozen=True)
class StartIsNear(PlannedPayload):
    """``hours``: how many before the start somebody wanted to be told."""

    kind = EventKind.REMINDED
    customer = ""
    tokens = ("hours_before",)

    hours: int

    def why_over(self, job: Job) -> str:
        if why := super().why_over(job) or self.why_another_start(job):
            return why
        if job.status != JobStatus.SCHEDULED:
            return _("The job is no longer waiting for its start.")
        return "" if self.start is not None and self.start > timezone.now() else _("Its start has passed.")

    @property
    def hours_before(self) -> str:
        """The same in digits."""
        return str(self.hours or "")


@dataclass(frozen=True)
class StartMissed(PlannedPayload):
    """Nobody has begun."""

    kind = EventKind.START_MISSED
    customer = ""

    def why_over(self, job: Job) -> str:
        if why := super().why_over(job) or self.why_another_start(job):
            return why
        return "" if job.status == JobStatus.SCHEDULED else _("The job has started since.")


@dataclass(frozen=True)
class FinishMissed(PlannedPayload):
    """It goes on after its planned end."""

    kind = EventKind.FINISH_MISSED
    customer = ""

    def why_over(self, job: Job) -> str:
        if why := super().why_over(job) or self.why_another_start(job):
            return why
        return "" if job.status in UNDER_WAY else _("The job has been completed since.")


@dataclass(frozen=True)
class LinkRevoked(JobPayload):
    """A portal link opens no more."""

    kind = EventKind.LINK_REVOKED
    customer = ""
    outlives_the_job = True


@dataclass(frozen=True)
class LinkReissued(JobPayload):
    """There is a fresh portal link."""

    kind = EventKind.LINK_REISSUED
    customer = ""


@dataclass(frozen=True)
class UnknownPayload(JobPayload):
    """Of a kind that this Portico does not know (any more): its name is all there is to say."""

    customer = ""


PAYLOADS: dict[str, type[JobPayload]] = {
    payload.kind: payload
    for payload in (
        JobCreated, JobChanged, WorkerAssigned, JobScheduled, JobRescheduled, JobStarted, JobPaused, JobResumed,
        StepCompleted, JobCompleted, JobCancelled, CancellationUndone, JobPostponed, ChangeRequested, ChangeAnswered,
        StartIsNear, StartMissed, FinishMissed, LinkRevoked, LinkReissued,
    )
}  # fmt: skip

_REQUESTED = {
    str(ChangeRequest.Kind.CANCEL): gettext_lazy("cancel the job"),
    str(ChangeRequest.Kind.CHANGE): gettext_lazy("change the job"),
}


def payload_of(kind: str, data: Mapping[str, object]) -> JobPayload:
    """The facts of a stored event."""
    return PAYLOADS.get(kind, UnknownPayload).read(data)


def field_label(name: str) -> str:
    """What a field of a job is called on screen; its own name when there is none (any more)."""
    known = {one.name: one for one in Job._meta.get_fields()}
    return str(getattr(known.get(name), "verbose_name", name))


def _day_and_hour(moment: datetime, window_end: datetime | None = None) -> str:
    return with_window(moment, window_end, "D j M, H:i")
