"""What happened to a job, in a sentence for the office; and how far away somebody is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from jobs.choices import EventKind
from jobs.models import Job, JobEvent


def day_and_hour(moment: datetime) -> str:
    """With its year where that is not this one: a file brings jobs that were asked for long ago."""
    local = timezone.localtime(moment)
    is_this_year = local.year == timezone.localtime().year
    return date_format(local, "D j M, H:i" if is_this_year else "D j M Y, H:i")


def event_sentence(event: JobEvent) -> str:
    """The event in words, with what its data says: times, step, reason, fields. Costs no query."""
    say = _SENTENCES.get(EventKind(event.kind)) if event.kind in EventKind.values else None
    sentence = say(event.data) if say else ""
    return sentence or str(event.get_kind_display())


def _when(moment: Any) -> str:
    parsed = parse_datetime(moment) if isinstance(moment, str) else None
    return date_format(timezone.localtime(parsed), "D j M, H:i") if parsed else ""


def _created(data: dict[str, Any]) -> str:
    return ""


def _changed(data: dict[str, Any]) -> str:
    fields = data.get("fields") or []
    return _("Changed: %s") % ", ".join(field_label(name) for name in fields) if fields else ""


def field_label(name: str) -> str:
    """What a field of a job is called on screen."""
    try:
        return str(Job._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def _assigned(data: dict[str, Any]) -> str:
    return _("Given to %s") % data["worker"] if data.get("worker") else _("Taken from its worker")


def _scheduled(data: dict[str, Any]) -> str:
    start = _when(data.get("start"))
    return _("Scheduled for %s") % start if start else ""


def _rescheduled(data: dict[str, Any]) -> str:
    start, before = _when(data.get("start")), _when(data.get("before"))
    return _("Moved from %(before)s to %(start)s") % {"before": before, "start": start} if start and before else ""


def _step(data: dict[str, Any]) -> str:
    return _("Step done: %s") % data["name"] if data.get("name") else ""


def _with_reason(sentence: str) -> Callable[[dict[str, Any]], str]:
    def say(data: dict[str, Any]) -> str:
        return f"{_(sentence)}: {data['reason']}" if data.get("reason") else ""

    return say


def _asked(data: dict[str, Any]) -> str:
    head = _("Asked to cancel") if data.get("asks_to") == "cancel" else _("Asked for a change")
    return f"{head}: {data['reason']}" if data.get("reason") else head


def _answered(data: dict[str, Any]) -> str:
    head = _("Request accepted") if data.get("accepted") else _("Request declined")
    return f"{head}: {data['answer']}" if data.get("answer") else head


def distance_in_words(metres: float, coarse: int = 0) -> str:
    """How far away, as people say it: “about 1.5 km away”. No finer than ``coarse`` metres, as the place is known."""
    step = max(coarse, 100 if metres < 1_000 else 500 if metres < 10_000 else 1_000)
    if metres < step:
        return _("less than %s away") % _length(step)
    return _("about %s away") % _length(round(metres / step) * step)


def _length(metres: float) -> str:
    if metres < 1_000:
        return _("%d m") % metres
    return _("%s km") % number_format(metres / 1_000, 0 if metres >= 10_000 or metres % 1_000 == 0 else 1)


_SENTENCES: dict[EventKind, Callable[[dict[str, Any]], str]] = {
    EventKind.CREATED: _created,
    EventKind.CHANGED: _changed,
    EventKind.ASSIGNED: _assigned,
    EventKind.SCHEDULED: _scheduled,
    EventKind.RESCHEDULED: _rescheduled,
    EventKind.STEP_COMPLETED: _step,
    EventKind.CANCELLED: _with_reason("Cancelled"),
    EventKind.POSTPONED: _with_reason("Postponed"),
    EventKind.CHANGE_REQUESTED: _asked,
    EventKind.CHANGE_ANSWERED: _answered,
}
