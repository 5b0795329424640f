"""What stands beside the form of a job: steps, timeline, portal links, change requests, and what other rooms add."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from jobs.admin.pins import pin_of_job, worker_pin_of
from jobs.models import Job, JobEvent, JobField, JobFile, PortalLink
from templates_app.choices import FieldKind


@dataclass(frozen=True)
class Panel:
    """One more card beside a job."""

    title: str | Promise
    body: SafeString


# Filled by the composition root: jobs does not know who else has something to say about a job.
EXTRA_PANELS: list[Callable[[HttpRequest, Job], Panel | None]] = []
EVENTS = 40


class _FileShown(TypedDict):
    """A file, and which of the template's fields it answers."""

    file: JobFile
    label: str


def _files_of(job: Job) -> list[_FileShown]:
    labels = {one.key: one.label for one in job.fields()}
    files = job.files.select_related("added_by")
    return [{"file": file, "label": labels.get(file.key, "")} for file in files]


def _files_wanted(job: Job, given: set[str]) -> list[JobField]:
    """The template's fields that take a file and have none yet."""
    return [one for one in job.fields() if one.kind == FieldKind.FILE and one.key not in given]


def job_context(request: HttpRequest, job: Job) -> dict[str, object]:
    """What the cards of a job show, for this person. Costs the same however much happened to the job."""
    user = request.user
    steps = job.steps()
    may_tick = job.is_open and user.has_perm("jobs.complete_job", job)
    events = JobEvent.objects.told_to(user, job).select_related("by").order_by("-at", "-id")[: EVENTS + 1]
    context: dict[str, object] = {
        "job": job,
        "steps": steps,
        "lines": job.lines(),
        "steps_left": sum(1 for step in steps if not step.done_at),
        "may_tick": may_tick,
        "events": list(events[:EVENTS]),
        "files": (files := _files_of(job)),
        "files_wanted": _files_wanted(job, {entry["file"].key for entry in files}),
        "may_change": user.has_perm("jobs.change_job", job),
        "worker_pin": worker_pin_of(job, user),
        "job_pin": pin_of_job(job),
        "panels": [panel for make in EXTRA_PANELS if (panel := make(request, job))],
    }
    context |= {"tiles": settings.MAP_TILES, "attribution": settings.MAP_ATTRIBUTION}
    if user.has_perm("jobs.view_portallink"):
        context["links"] = job.portal_links.select_related("job", "revoked_by")
        mine = PortalLink.objects.visible_to(user, "change").filter(job=job)
        context["may_change_links"] = mine.exists()
    if user.has_perm("jobs.view_changerequest"):
        context["requests"] = job.change_requests.select_related("asked_by", "answered_by")
        context["may_answer"] = user.has_perm("jobs.change_changerequest")
    return context
