"""Workers for the office's programs, and the road of a worker's own token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from accounts.models import Worker
from audit.act import acting
from jobs import services
from jobs.api.auth import find, insist, token_of
from jobs.api.jobs import AFTER, LIMIT, job_out, page_of, take_step
from jobs.api.problems import PROBLEMS, NotScoped
from jobs.api.schemas import JobOut, Page, PositionIn, PositionOut, TransitionIn, WorkerOut
from jobs.models import Job, WorkerPosition
from permissions.errors import NotAllowed

router = Router(tags=["Workers"])
own = Router(tags=["A worker's own"])
READ = ("accounts.view_worker", "accounts.change_worker")
OWN_STEPS = ("start", "pause", "resume", "complete")


def position_out(position: WorkerPosition) -> dict[str, Any]:
    """A position as the API tells it: exact, for the office."""
    return {"latitude": position.latitude, "longitude": position.longitude, "at": position.at}


def worker_out(worker: Worker, position: WorkerPosition | None) -> dict[str, Any]:
    """A worker with her newest position."""
    shown = position_out(position) if position else None
    facts = {"id": str(worker.pk), "name": worker.name, "is_active": worker.is_active, "phone": worker.phone}
    return facts | {"position": shown}


@router.get("/workers", response={200: Page[WorkerOut], **PROBLEMS}, summary="List workers")
def list_workers(request: HttpRequest, limit: int = LIMIT, after: str | None = AFTER) -> dict[str, Any]:
    """With the newest position of each, for those who may see positions."""
    user = insist(request, "workers.read", *READ)
    page = page_of(Worker.objects.visible_to(user), limit, after, lambda worker: worker)
    newest = services.latest_positions(page["items"]) if user.has_perm("jobs.view_workerposition") else {}
    return page | {"items": [worker_out(worker, newest.get(worker.pk)) for worker in page["items"]]}


@router.get("/workers/{ref}/positions", response={200: Page[PositionOut], **PROBLEMS}, summary="Where a worker was")
def worker_positions(request: HttpRequest, ref: str, limit: int = LIMIT, after: str | None = AFTER) -> dict[str, Any]:
    """Newest first, as long as positions are kept."""
    user = insist(request, "workers.read", "jobs.view_workerposition")
    worker = find(Worker.objects.visible_to(user), ref, key="pk")
    return page_of(WorkerPosition.objects.filter(worker=worker), limit, after, position_out)


@router.post("/workers/{ref}/positions", response={201: PositionOut, **PROBLEMS}, summary="Report a position")
def report_for(request: HttpRequest, ref: str, data: PositionIn) -> Status:
    """For a program that follows the vehicles. A worker's own token reports under /worker."""
    user = insist(request, "workers.write", "accounts.change_worker")
    worker = find(Worker.objects.visible_to(user), ref, key="pk")
    return Status(201, position_out(services.report_position(worker, **data.dict())))


def _worker(request: HttpRequest) -> Worker:
    worker = token_of(request).worker
    if worker is None:
        raise NotScoped(_("This is for a worker's own token."))
    return worker


def _own_jobs(worker: Worker) -> Any:
    return Job.objects.filter(worker=worker).select_related("customer", "template", "worker", "blueprint")


@own.get("/worker/jobs", response={200: list[JobOut], **PROBLEMS}, summary="My jobs")
def my_jobs(request: HttpRequest) -> list[dict[str, Any]]:
    """What is open and given to this worker, by planned start; 200 at most."""
    rows = _own_jobs(_worker(request)).open().order_by("planned_start", "id")
    return [job_out(job) for job in rows[:200]]


@own.post("/worker/position", response={201: PositionOut, **PROBLEMS}, summary="I am here")
def my_position(request: HttpRequest, data: PositionIn) -> Status:
    """Where this worker is."""
    return Status(201, position_out(services.report_position(_worker(request), **data.dict())))


@own.post(
    "/worker/jobs/{ref}/transitions", response={200: JobOut, **PROBLEMS}, summary="Start, pause, resume, complete"
)
def move_my_job(request: HttpRequest, ref: str, data: TransitionIn) -> dict[str, Any]:
    """Start, pause, resume, complete a job of this worker. The rest is the office's."""
    worker = _worker(request)
    job = find(_own_jobs(worker), ref, key="number")
    if data.step not in OWN_STEPS:
        raise NotAllowed(_("Workers start, pause, resume and complete. The rest is the office's."))
    with acting(by=worker.user, actor=worker.name):
        return job_out(take_step(job, data, by=worker.user))


@own.post("/worker/jobs/{ref}/steps/{key}", response={200: JobOut, **PROBLEMS}, summary="Complete a step of my job")
def complete_my_step(request: HttpRequest, ref: str, key: str) -> dict[str, Any]:
    """The first step starts the job, the last completes it."""
    worker = _worker(request)
    job = find(_own_jobs(worker), ref, key="number")
    with acting(by=worker.user, actor=worker.name):
        return job_out(services.complete_step(job, key, by=worker.user))
