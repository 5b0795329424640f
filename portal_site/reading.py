"""A job as a customer reads it: her words, and nothing the office keeps to itself.

Hidden steps and fields are left out here, before any template sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.zones import there
from jobs.choices import EventKind, JobStatus
from jobs.link_in_text import ADDRESS, names_link
from jobs.models import ChangeRequest, Job, JobEvent, JobFile
from jobs.money import money
from permissions.resolver import Rights, decide
from templates_app.choices import FieldKind, Use

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


@dataclass(frozen=True)
class Stage:
    """One of the four stations of a job."""

    label: str
    is_past: bool
    is_here: bool


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    words: str
    icon: str
    look: str = "secondary"


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
class Sheet:
    """Everything one page says of one job."""

    job: Job
    headline: str
    look: str
    icon: str
    stages: list[Stage]
    timeline: list[Moment]
    steps: list[ShownStep]
    fields: list[ShownField]
    notes: list[str]
    worker: str
    requests: list[ChangeRequest]

    @property
    def waiting_request(self) -> ChangeRequest | None:
        """What the office has not answered yet."""
        return next((r for r in self.requests if r.state == ChangeRequest.State.WAITING), None)


def sheet_of(
    job: Job,
    rights: Rights,
    events: Iterable[JobEvent],
    requests: Iterable[ChangeRequest],
    files: Iterable[JobFile] = (),
    address_of: Callable[[JobFile], str] = str,
) -> Sheet:
    """A job (blueprint, template, customer, worker loaded) as a person with these rights reads it.

    ``address_of`` says where one of its files is to be had: by login or by link.
    """
    shows_worker = bool(decide(rights, "view_worker", job))
    look, icon = STATUS_LOOKS[JobStatus(job.status)]
    return Sheet(
        job=job,
        headline=headline_of(job),
        look=look,
        icon=icon,
        stages=_stages(job),
        timeline=_timeline(job, events, shows_worker=shows_worker),
        steps=_steps(job),
        fields=_fields(job, {file.key: (address_of(file), file.is_picture) for file in files if file.key}),
        notes=shown_notes(job.notes),
        worker=job.worker.name if shows_worker and job.worker else "",
        requests=list(requests),
    )


def day_and_time(moment: datetime) -> str:
    """A moment in the reader's zone, as people say it: "Tuesday, 24 November, 08:30"."""
    local = timezone.localtime(moment)
    return _("%(day)s, %(time)s") % {"day": _named_day(local), "time": formats.time_format(local)}


def _named_day(local: datetime) -> str:
    return formats.date_format(local, _("l, j F") if local.year == timezone.localtime().year else _("l, j F Y"))


def planned_words(job: Job) -> str:
    """When it is planned, from and to; empty without a plan."""
    if not job.planned_start or not job.planned_end:
        return ""
    start, end = timezone.localtime(job.planned_start), timezone.localtime(job.planned_end)
    if end.date() != start.date():
        return _("%(start)s to %(end)s") % {"start": day_and_time(start), "end": day_and_time(end)}
    return _("%(day)s, %(start)s to %(end)s") % {
        "day": _named_day(start),
        "start": formats.time_format(start),
        "end": formats.time_format(end),
    }


def planned_parts(job: Job) -> tuple[str, str]:
    """When it is planned, for a list: the day, and from when to when ("Tuesday, 24 November", "08:30 to 09:30")."""
    if not job.planned_start or not job.planned_end:
        return "", ""
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
    return there(job.planned_start) if job.planned_start else ""


def headline_of(job: Job) -> str:
    """Where it stands, in one sentence for a customer."""
    match job.status:
        case JobStatus.SCHEDULED if job.planned_start:
            return _("Planned for %s") % day_and_time(job.planned_start)
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


def _timeline(job: Job, events: Iterable[JobEvent], *, shows_worker: bool) -> list[Moment]:
    shown_steps = {step["key"] for step in job.steps() if step["portal_use"] != Use.HIDDEN}
    moments = (_moment(event, shown_steps, shows_worker=shows_worker) for event in events)
    return [moment for moment in moments if moment is not None]


def _moment(event: JobEvent, shown_steps: set[str], *, shows_worker: bool) -> Moment | None:
    data = event.data
    match event.kind:
        case EventKind.CREATED:
            return Moment(event.at, _("We have your request"), "inbox")
        case EventKind.CHANGED:
            return Moment(event.at, _("Details changed"), "pencil")
        case EventKind.ASSIGNED if shows_worker and data.get("worker"):
            return Moment(event.at, _("%s will come") % data["worker"], "user")
        case EventKind.SCHEDULED if start := _time(data.get("start")):
            return Moment(event.at, _("Planned for %s") % day_and_time(start), "calendar-check", "info")
        case EventKind.RESCHEDULED if start := _time(data.get("start")):
            return Moment(event.at, _("Moved to %s") % day_and_time(start), "calendar-check", "warning")
        case EventKind.STARTED:
            return Moment(event.at, _("We started"), "truck", "primary")
        case EventKind.PAUSED:
            return Moment(event.at, _("Paused for a moment"), "circle-pause", "warning")
        case EventKind.RESUMED:
            return Moment(event.at, _("We went on"), "truck", "primary")
        case EventKind.STEP_COMPLETED if data.get("step") in shown_steps:
            return Moment(event.at, _("“%s” is done") % data.get("name", ""), "check", "success")
        case EventKind.COMPLETED:
            return Moment(event.at, _("Done"), "circle-check", "success")
        case EventKind.CANCELLED:
            return Moment(event.at, _("Cancelled"), "circle-x", "danger")
        case EventKind.CANCELLATION_UNDONE:
            return Moment(event.at, _("On again"), "rotate-ccw", "info")
        case EventKind.POSTPONED:
            return Moment(event.at, _("Put off"), "clock", "warning")
        case EventKind.CHANGE_REQUESTED:
            cancels = data.get("asks_to") == ChangeRequest.Kind.CANCEL
            words = _("You asked us to cancel it") if cancels else _("You asked us to change it")
            return Moment(event.at, words, "mail")
    return None


def _time(words: Any) -> datetime | None:
    return parse_datetime(words) if isinstance(words, str) else None


def _steps(job: Job) -> list[ShownStep]:
    return [ShownStep(s["name"], _time(s["done_at"])) for s in job.steps() if s["portal_use"] != Use.HIDDEN]


def _fields(job: Job, files: Mapping[str, tuple[str, bool]]) -> list[ShownField]:
    shown = [field for field in job.fields() if field["portal_use"] != Use.HIDDEN]
    words = [(field, value_in_words(field, job.currency)) for field in shown]
    # A heading over nothing, and a field without a value, say nothing.
    kept = [(f, w) for n, (f, w) in enumerate(words) if w or (f["kind"] == FieldKind.HEADER and _any_until(words, n))]
    return [_field(field, said, *files.get(field["key"], ("", False))) for field, said in kept]


def _field(field: Mapping[str, Any], words: str, href: str, is_picture: bool) -> ShownField:
    if field["kind"] == FieldKind.LINK:
        # What was stored before it was checked, or came by another road, is no reason to run it.
        href = words if words.startswith(("https://", "http://")) else ""
    return ShownField(field["key"], field["label"], field["kind"], words, href, is_picture)


def _any_until(words: list[tuple[dict[str, Any], str]], header: int) -> bool:
    for field, said in words[header + 1 :]:
        if field["kind"] == FieldKind.HEADER:
            return False
        if said:
            return True
    return False


def value_in_words(field: Mapping[str, Any], currency: str) -> str:
    """The value of a field (an entry of ``Job.fields()``) as a person reads it; empty for none."""
    value = field.get("value")
    if value is None or value == "" or value == []:
        return ""
    match FieldKind(field["kind"]):
        case FieldKind.CHECKBOX:
            return _("Yes") if value else _("No")
        case FieldKind.NUMBER:
            return formats.number_format(value)
        case FieldKind.CURRENCY:
            return money(value, currency)
        case FieldKind.DATETIME:
            moment = _time(value)
            return day_and_time(moment) if moment else str(value)
        case FieldKind.MULTI_PICK:
            return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return str(value)


def shown_notes(notes: str) -> list[str]:
    """The lines of a job's notes, without portal links: those open the job to whoever reads them, and the page that
    shows the notes is not the place."""
    return [line for line in notes.splitlines() if line.strip() and not (names_link(line) or ADDRESS.search(line))]
