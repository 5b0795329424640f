"""How a job is shown in the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from jobs.choices import JOB_STATUS_COLOURS, JobStatus
from jobs.models import Job
from jobs.schedule import seen_mark
from jobs.windows import with_window
from jobs.wording import day_and_hour

register = template.Library()

_Key = TypeVar("_Key")
_Entry = TypeVar("_Entry")
register.filter("seen_mark", seen_mark)
register.filter("day_and_hour", day_and_hour)


@register.simple_tag
def status_label(job: Job) -> SafeString:
    """The coloured label of a job's status."""
    variant = JOB_STATUS_COLOURS[JobStatus(job.status)]
    return render_to_string("unfold/helpers/label.html", {"text": job.get_status_display(), "variant": variant})


@register.filter
def item(table: Mapping[_Key, _Entry], key: _Key) -> _Entry:
    """The entry of a dictionary."""
    return table[key]


@register.filter
def unlocalised(number: float) -> str:
    """A number as a style sheet wants it, whatever the language."""
    return f"{number:.3f}"


@register.filter
def planned(job: Job, style: str) -> str:
    """Return when a job is planned, with the window that its customer is promised, in a date format; "" for no plan."""
    return with_window(job.planned_start, job.window_end, style)
