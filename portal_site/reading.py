"""A job as a customer reads it: her words, and nothing the office keeps to itself.

Hidden steps and fields are left out here, before any template sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.zones import there
from jobs.choices import EventKind, JobStatus
from jobs.link_in_text import ADDRESS, names_link
from jobs.models import ChangeRequest, Job, JobEvent, JobField, JobFile
from jobs.models.payloads import CustomerView
from money import format_money
from permissions.resolver import Rights, decide
from templates_app.choices import FieldKind
from templates_app.kinds import Wording

# Where a job stands on its way, for the bar over its page.
_STAGE = {
    JobStatus.UNASSIGNED: 0,
    JobStatus.POSTPONED: 0,
    JobStatus.SCHEDULED: 1,
    JobStatus.STARTED: 2,
    JobStatus.PAUSED: 2,
    JobStatus.COMPLETED: 3,
}
# Bootstrap's names of colours, and Lucide's of icons.
STATUS_LOOKS = {
    JobStatus.UNASSIGNED: ("secondary", "inbox"),
    JobStatus.SCHEDULED: ("info", "calendar-check"),
    JobStatus.STARTED: ("primary", "truck"),
    JobStatus.PAUSED: ("warning", "circle-pause"),
    JobStatus.COMPLETED: ("success", "circle-check"),
    JobStatus.CANCELLED: ("danger", "circle-x"),
    JobStatus.POSTPONED: ("warning", "clock"),
}
# Beside each sentence of ``jobs.models.payloads`` that a customer reads: its icon and its colour.
EVENT_LOOKS = {
    EventKind.CREATED: ("inbox", "secondary"),
    EventKind.CHANGED: ("pencil", "secondary"),
    EventKind.ASSIGNED: ("user", "secondary"),
    EventKind.SCHEDULED: ("calendar-check", "info"),
    EventKind.RESCHEDULED: ("calendar-check", "warning"),
    EventKind.STARTED: ("truck", "primary"),
    EventKind.PAUSED: ("circle-pause", "warning"),
    EventKind.RESUMED: ("truck", "primary"),
    EventKind.STEP_COMPLETED: ("check", "success"),
    EventKind.COMPLETED: ("circle-check", "success"),
    EventKind.CANCELLED: ("circle-x", "danger"),
    EventKind.CANCELLATION_UNDONE: ("rotate-ccw", "info"),
    EventKind.POSTPONED: ("clock", "warning"),
    EventKind.CHANGE_REQUESTED: ("mail", "secondary"),
}


@dataclass(frozen=True)
class Stage:
    """One of the four stations of a job."""

    label: str
    is_past: bool
    is_here: bool


@dataclass(frozen=True)
class TimelineEntry:
    """One line of the timeline."""

    at: datetime
    words: str
    icon: str
    look: str


@dataclass(frozen=True)
class ShownField:
    """A field with its value in words; ``kind`` "header" begins a section."""

    key: str
    label: str
    kind: str
    words: str
    href: str = ""
    is_picture: bool = False


@dataclass(frozen=True)
class ShownStep:
    """A step, and when it was done."""

    name: str
    done_at: datetime | None


@dataclass(frozen=True)
class JobDetails:
    """Everything one page says of one job."""

    job: Job
    headline: str
    look: str
    icon: str
    stages: list[Stage]
    timeline: list[TimelineEntry]
    steps: list[ShownStep]
    fields: list[ShownField]
    notes: list[str]
    worker: str
    requests: list[ChangeRequest]

    @property
    def waiting_request(self) -> ChangeRequest | None:
        """What the office has not answered yet."""
        return next((r for r in self.requests if r.state == ChangeRequest.State.WAITING), None)


def job_details_of(
    job: Job,
    rights: Rights,
    events: Iterable[JobEvent],
    requests: Iterable[ChangeRequest],
    files: Iterable[JobFile] = (),
    address_of: Callable[[JobFile], str] = str,
) -> JobDetails:
    """A job (blueprint, template, customer, worker loaded) as a person with these rights reads it.

    ``address_of`` says where one of its files is to be had: by login or by link.
    """
    shows_worker = bool(decide(rights, "view_worker", job))
    look, icon = STATUS_LOOKS[JobStatus(job.status)]
    return JobDetails(
        job=job,
        headline=headline_of(job),
        look=look,
        icon=icon,
        stages=_stages(job),
        timeline=_timeline(job, events, shows_worker=shows_worker),
        steps=shown_steps(job),
        fields=_fields(job, _by_key(files, address_of)),
        notes=shown_notes(job.notes),
        worker=job.worker.name if shows_worker and job.worker else "",
        requests=list(requests),
    )


def day_and_time(moment: datetime, window_end: datetime | None = None) -> str:
    """A moment in the reader's zone, as people say it: "Tuesday, 24 November, 08:30"; or a window of time that begins
    then: "Tuesday, 24 November, between 08:30 and 10:30"."""
    local = timezone.localtime(moment)
    if window_end is not None:
        return _("%(day)s, %(time)s") % {"day": _named_day(local), "time": _between(moment, window_end)}
    return _("%(day)s, %(time)s") % {"day": _named_day(local), "time": formats.time_format(local)}


def _between(start: datetime, end: datetime) -> str:
    """A window of time, without its day."""
    times = [formats.time_format(timezone.localtime(moment)) for moment in (start, end)]
    return _("between %(start)s and %(end)s") % {"start": times[0], "end": times[1]}


def _named_day(local: datetime) -> str:
    return formats.date_format(local, _("l, j F") if local.year == timezone.localtime().year else _("l, j F Y"))


def planned_words(job: Job) -> str:
    """When it is planned: the window that the customer is promised, else from and to; empty without a plan."""
    if not job.planned_start or not job.planned_end:
        return ""
    if job.window_end:
        return day_and_time(job.planned_start, job.window_end)
    start, end = timezone.localtime(job.planned_start), timezone.localtime(job.planned_end)
    if end.date() != start.date():
        return _("%(start)s to %(end)s") % {"start": day_and_time(start), "end": day_and_time(end)}
    return _("%(day)s, %(start)s to %(end)s") % {
        "day": _named_day(start),
        "start": formats.time_format(start),
        "end": formats.time_format(end),
    }


def planned_parts(job: Job) -> tuple[str, str]:
    """When it is planned, for a list: the day, and from when to when ("Tuesday, 24 November", "08:30 to 09:30"), or
    in which window."""
    if not job.planned_start or not job.planned_end:
        return "", ""
    if job.window_end:
        return day_of(job.planned_start), _between(job.planned_start, job.window_end)
    start, end = timezone.localtime(job.planned_start), timezone.localtime(job.planned_end)
    until = formats.time_format(end) if start.date() == end.date() else day_and_time(end)
    return day_of(start), _("%(start)s to %(end)s") % {"start": formats.time_format(start), "end": until}


def day_of(moment: datetime) -> str:
    """The day of a moment in the business's zone: "Today", or "Tuesday, 24 November"."""
    local, now = timezone.localtime(moment), timezone.localtime()
    if local.date() == now.date():
        return _("Today")
    if local.date() == now.date() + timedelta(days=1):
        return _("Tomorrow")
    return _named_day(local)


def requested_words(job: Job) -> str:
    """The start that was asked for, for a list that names the planned one: only the time where the day is the same."""
    if job.requested_start is None:
        return ""
    requested = timezone.localtime(job.requested_start)
    if job.planned_start and timezone.localtime(job.planned_start).date() == requested.date():
        return formats.time_format(requested)
    return _("%(day)s, %(time)s") % {"day": day_of(requested), "time": formats.time_format(requested)}


def planned_there(job: Job) -> str:
    """When it is planned on the clock of the business, for a reader who lives by another; else empty."""
    return there(job.planned_start, job.window_end) if job.planned_start else ""


def headline_of(job: Job) -> str:
    """Where it stands, in one sentence for a customer."""
    match job.status:
        case JobStatus.SCHEDULED if job.planned_start:
            return _("Planned for %s") % day_and_time(job.planned_start, job.window_end)
        case JobStatus.COMPLETED if job.completed_at:
            return _("Done on %s") % day_and_time(job.completed_at)
        case JobStatus.CANCELLED if job.cancelled_at:
            return _("Cancelled on %s") % day_and_time(job.cancelled_at)
    return job.customer_words


def _stages(job: Job) -> list[Stage]:
    if job.status == JobStatus.CANCELLED:
        return []
    here = _STAGE[JobStatus(job.status)]
    labels = (_("Requested"), _("Planned"), _("Under way"), _("Done"))
    return [Stage(label, n < here or here == 3, n == here) for n, label in enumerate(labels)]


def _timeline(job: Job, events: Iterable[JobEvent], *, shows_worker: bool) -> list[TimelineEntry]:
    shown_steps = {step.key for step in job.steps() if step.is_shown_to_customers}
    view = CustomerView(shows_worker, shown_steps, day_and_time)
    told = ((event, event.payload.for_customer(view)) for event in events)
    return [TimelineEntry(event.at, words, *EVENT_LOOKS[EventKind(event.kind)]) for event, words in told if words]


def shown_steps(job: Job) -> list[ShownStep]:
    """The steps of a job (blueprint loaded) that customers see."""
    return [ShownStep(step.name, step.done_at) for step in job.steps() if step.is_shown_to_customers]


def proof_fields(job: Job, files: Iterable[JobFile], address_of: Callable[[JobFile], str]) -> list[ShownField]:
    """Of the fields of a job (blueprint loaded) that customers see, those that prove it: photos, a signature."""
    proofs = (FieldKind.FILE, FieldKind.SIGNATURE)
    return [one for one in _fields(job, _by_key(files, address_of)) if one.kind in proofs and one.href]


def _by_key(files: Iterable[JobFile], address_of: Callable[[JobFile], str]) -> dict[str, tuple[str, bool]]:
    return {file.key: (address_of(file), file.is_picture) for file in files if file.key}


def _fields(job: Job, files: Mapping[str, tuple[str, bool]]) -> list[ShownField]:
    said = wording(job.currency)
    words = [(field, field.words(said)) for field in job.fields() if field.is_shown_to_customers]
    # A heading over nothing, and a field without a value, say nothing.
    kept = [(f, w) for n, (f, w) in enumerate(words) if w or (f.kind == FieldKind.HEADER and _any_until(words, n))]
    return [_field(field, told, *files.get(field.key, ("", False))) for field, told in kept]


def _field(field: JobField, words: str, href: str, is_picture: bool) -> ShownField:
    if field.kind == FieldKind.LINK:
        # What was stored before it was checked, or came from another source, is no reason to run it.
        href = words if words.startswith(("https://", "http://")) else ""
    return ShownField(field.key, field.label, field.kind, words, href, is_picture)


def _any_until(words: list[tuple[JobField, str]], header: int) -> bool:
    for field, said in words[header + 1 :]:
        if field.kind == FieldKind.HEADER:
            return False
        if said:
            return True
    return False


def wording(currency: str) -> Wording:
    """How the companion site says values; ``currency``: of sums, empty for the business's own."""
    return Wording(_("Yes"), _("No"), day_and_time, partial(format_money, currency=currency))


def shown_notes(notes: str) -> list[str]:
    """The lines of a job's notes, without portal links: those open the job to whoever reads them, and the page that
    shows the notes is not the place."""
    return [line for line in notes.splitlines() if line.strip() and not (names_link(line) or ADDRESS.search(line))]
