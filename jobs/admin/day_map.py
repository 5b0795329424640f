"""The map of a day: its jobs, where the workers are, and a list beside it that says the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypedDict, Unpack

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User, Worker
from console.addresses import keep_readable, requested_day, say_left_out
from console.kit import console_page, shown_to
from jobs import services
from jobs.admin.pins import NOBODY, Pin, pin_of_job, pin_of_worker
from jobs.admin.schedule import MAY_SEE, requested_template, requested_workers, templates_to_filter
from jobs.choices import JOB_STATUS_TONES, JobStatus
from jobs.models import Job
from jobs.querysets import day_bounds

MOST_JOBS = 300
COLOURS = {"status": gettext_lazy("by status"), "worker": gettext_lazy("by worker")}


class _MapState(TypedDict):
    """What the map is asked for."""

    day: date
    colour: str
    worker: str
    template: str


class _MapChanges(TypedDict, total=False):
    """What an address beside it asks for instead; ``part``: only that part of the page."""

    day: date
    colour: str
    part: str


class _WorkerShown(TypedDict):
    """Who is where, and on which job."""

    worker: Worker
    pin: Pin
    job: Job | None


def _state(request: HttpRequest, data: QueryDict) -> _MapState:
    colour = keep_readable(request, [data.get("colour", "")], COLOURS, _("Colour"))
    return {
        "day": requested_day(request, data.get("day", ""), timezone.localdate()),
        "colour": "".join(colour) or "status",
        "worker": "".join(requested_workers(request, [data.get("worker", "")])),
        "template": requested_template(request, data.get("template", "")),
    }


def _address(state: _MapState, **changes: Unpack[_MapChanges]) -> str:
    query = QueryDict(mutable=True)
    day, colour = changes.get("day", state["day"]), changes.get("colour", state["colour"])
    if day != timezone.localdate():
        query["day"] = day.isoformat()
    kept = {"worker": state["worker"], "template": state["template"], "part": changes.get("part", "")}
    for name, said in {"colour": "" if colour == "status" else colour, **kept}.items():
        if said:
            query[name] = said
    return reverse("admin:jobs_map") + (f"?{query.urlencode()}" if query else "")


def _schedule_address(state: _MapState) -> str:
    """The same day, worker and template on the schedule."""
    query = QueryDict(mutable=True)
    query["day"] = state["day"].isoformat()
    for name, said in (("worker", state["worker"]), ("template", state["template"])):
        if said:
            query[name] = said
    return f"{reverse('admin:jobs_schedule')}?{query.urlencode()}"


def _jobs_of(user: User | AnonymousUser, state: _MapState) -> list[Job]:
    jobs = Job.objects.visible_to(user).on(state["day"]).exclude(status=JobStatus.CANCELLED)
    if state["template"]:
        jobs = jobs.filter(template__slug=state["template"])
    if state["worker"]:
        jobs = jobs.filter(worker__pk=state["worker"])
    jobs = jobs.select_related("customer", "template", "worker").order_by("planned_start", "id")
    return list(jobs[: MOST_JOBS + 1])


def _workers_of(user: User | AnonymousUser, state: _MapState, jobs: list[Job]) -> list[_WorkerShown]:
    """Who is where, and on which job: for those who may see positions, and only today."""
    if state["day"] != timezone.localdate() or not user.has_perm("jobs.view_workerposition"):
        return []
    workers = shown_to(Worker.objects.filter(is_active=True), user)
    if state["worker"]:
        workers = workers.filter(pk=state["worker"])
    shown = list(workers)
    morning = day_bounds(state["day"])[0]
    newest = {key: row for key, row in services.latest_positions(shown).items() if row.at >= morning}
    now_at = {job.worker_id: job for job in jobs if job.status in (JobStatus.STARTED, JobStatus.PAUSED)}
    rows: list[_WorkerShown] = [
        {"worker": worker, "pin": pin_of_worker(worker, newest.get(worker.pk)), "job": now_at.get(worker.pk)}
        for worker in shown
    ]
    return sorted(rows, key=lambda row: not row["pin"].is_placed)


def _legend(state: _MapState, jobs: list[Job]) -> list[tuple[str, str]]:
    if state["colour"] == "worker":
        found = {(str(job.worker), job.worker.colour) if job.worker else (_("nobody yet"), NOBODY) for job in jobs}
        return sorted(found)
    used = {job.status for job in jobs}
    return [(str(status.label), JOB_STATUS_TONES[status]) for status in JobStatus if status.value in used]


def _context(request: HttpRequest, state: _MapState) -> dict[str, object]:
    found = _jobs_of(request.user, state)
    jobs = found[:MOST_JOBS]
    pins = [pin_of_job(job, str(number), colour=state["colour"]) for number, job in enumerate(jobs, start=1)]
    placed = sum(pin.is_placed for pin in pins)
    return {
        "state": state,
        "templates": templates_to_filter(request.user, jobs),
        "rows": [{"job": job, "pin": pin} for job, pin in zip(jobs, pins, strict=True)],
        "unplaced": len(pins) - placed,
        "placed": placed,
        "more": len(found) > len(jobs),
        "most": MOST_JOBS,
        "workers": _workers_of(request.user, state, jobs),
        "legend": _legend(state, jobs),
        "is_today": state["day"] == timezone.localdate(),
        "may_change": request.user.has_perm("jobs.change_job"),
    }


@console_page("map/", name="jobs_map", permission=MAY_SEE)
def day_map(request: HttpRequest) -> HttpResponse:
    """The page; only the list when it is read anew. The same number of queries on any day."""
    state = _state(request, request.GET)
    context = _context(request, state)
    if request.GET.get("part") == "list":
        return TemplateResponse(request, "jobs/admin/day_map_list.html", context)
    say_left_out(request)
    day: date = state["day"]
    context |= {
        **admin.site.each_context(request),
        "title": _("Map"),
        "is_fullwidth": "1",
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
        "everybody": shown_to(Worker.objects.filter(is_active=True), request.user),
        "colours": [(code, label, _address(state, colour=code)) for code, label in COLOURS.items()],
        "heading": date_format(day, "l, j F Y"),
        "list_url": _address(state, part="list"),
        "schedule_url": _schedule_address(state),
        "links": {
            "before": _address(state, day=day - timedelta(days=1)),
            "after": _address(state, day=day + timedelta(days=1)),
            "today": _address(state, day=timezone.localdate()),
        },
    }
    return TemplateResponse(request, "jobs/admin/day_map.html", context)
