"""Workers for the office's programs, and what a worker's own token opens."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router, Status

from accounts.api.auth import require, token_of
from accounts.api.references import WorkerId
from accounts.models import Worker
from api.pages import AFTER, LIMIT, PageOf, page_of
from api.problems import CHANGING, READING, NotScoped
from api.references import find_record
from api.schemas import Answer, In, Page
from api.sections import Section, scoped
from audit.act import Act, acting
from console.errors import NotAllowed, Refused
from jobs import services
from jobs.api.jobs import job_out, steps_out, take_step, with_all_told
from jobs.api.references import JobRef, StepKey
from jobs.api.schemas import JobOut, MyJobChange, PositionIn, PositionOut, TransitionIn, WorkerOut
from jobs.models import Job, PortalLink, WorkerPosition
from jobs.querysets import JobQuerySet
from templates_app.choices import Use

router = Router(tags=["Workers"])
own = Router(tags=["A worker's own"])
section = Section(
    router,
    {
        "workers.read": gettext_lazy("Read workers and their positions"),
        "workers.write": gettext_lazy("Report workers' positions"),
    },
)
# Who may change may see.
own_section = Section(own, workers_rights=("jobs.change_job", "jobs.complete_job"))
READS, WRITES = scoped("workers.read"), scoped("workers.write")
READ = ("accounts.view_worker", "accounts.change_worker")
OWN = scoped("worker")
OWN_STEPS = ("start", "pause", "resume", "complete")


def position_out(position: WorkerPosition) -> Answer:
    """A position as the API tells it: exact, for the office."""
    return {"latitude": position.latitude, "longitude": position.longitude, "at": position.at}


def worker_out(worker: Worker, position: WorkerPosition | None) -> Answer:
    """A worker with her newest position."""
    shown = position_out(position) if position else None
    own = ("external_id", "name", "is_active", "phone", "email")
    return {"id": str(worker.pk), **{name: getattr(worker, name) for name in own}, "position": shown}


class WorkerFilter(In):
    """Which workers."""

    is_active: bool | None = None


@router.get("/workers", response={200: Page[WorkerOut], **READING}, summary="List workers", **READS)
def list_workers(
    request: HttpRequest, filters: Query[WorkerFilter], limit: int = LIMIT, after: str | None = AFTER
) -> PageOf[Answer]:
    """Newest first, with the position of each for those who may see positions. `is_active`: only those who work here
    now, or only the others.
    """
    user = require(request, "workers.read", *READ)
    rows = Worker.objects.visible_to(user)
    if filters.is_active is not None:
        rows = rows.filter(is_active=filters.is_active)
    page = page_of(rows, limit, after, lambda worker: worker)
    newest = services.latest_positions(page["items"]) if user.has_perm("jobs.view_workerposition") else {}
    items = [worker_out(worker, newest.get(worker.pk)) for worker in page["items"]]
    return {"items": items, "next": page["next"]}


@router.get("/workers/{ref}", response={200: WorkerOut, **READING}, summary="Read a worker", **READS)
def read_worker(request: HttpRequest, ref: WorkerId) -> Answer:
    """With the newest position, for those who may see positions."""
    user = require(request, "workers.read", *READ)
    worker = find_record(Worker.objects.visible_to(user), ref, key="pk")
    may_see = user.has_perm("jobs.view_workerposition")
    return worker_out(worker, services.latest_positions([worker]).get(worker.pk) if may_see else None)


@router.get(
    "/workers/{ref}/positions", response={200: Page[PositionOut], **READING}, summary="Where a worker was", **READS
)
def worker_positions(
    request: HttpRequest, ref: WorkerId, limit: int = LIMIT, after: str | None = AFTER
) -> PageOf[Answer]:
    """Newest first, as long as positions are kept."""
    user = require(request, "workers.read", "jobs.view_workerposition")
    worker = find_record(Worker.objects.visible_to(user), ref, key="pk")
    return page_of(WorkerPosition.objects.filter(worker=worker), limit, after, position_out)


@router.post("/workers/{ref}/positions", response={201: PositionOut, **CHANGING}, summary="Report a position", **WRITES)
def report_for(request: HttpRequest, ref: WorkerId, data: PositionIn) -> Status[Answer]:
    """For a program that follows the vehicles. A worker's own token reports under /worker."""
    user = require(request, "workers.write", "accounts.change_worker")
    worker = find_record(Worker.objects.visible_to(user), ref, key="pk")
    return Status(201, position_out(services.report_position(worker, **data.dict())))


def _worker(request: HttpRequest) -> Worker:
    worker = token_of(request).worker
    if worker is None:
        raise NotScoped(_("This is for a worker's own token."))
    return worker


def _acting(worker: Worker) -> AbstractContextManager[Act]:
    """Return the worker's own act: this door asks which jobs are theirs, and what was granted counts elsewhere."""
    return acting(by=worker.user, actor=worker.name, own_rules=True)


def _own_jobs(worker: Worker) -> JobQuerySet:
    return with_all_told(Job.objects.filter(worker=worker), PortalLink.objects.alive())


def own_job_out(job: Job) -> Answer:
    """A job as its worker is told it: without the steps and fields that its template hides from workers."""
    hidden = {one.key for one in job.fields() if one.worker_use == Use.HIDDEN}
    hidden |= {one.key for one in job.steps() if one.worker_use == Use.HIDDEN}
    # The link in the notes is there for the worker too.
    told = job_out(job, PortalLink.objects.alive())
    return told | {
        "values": {key: value for key, value in job.values.items() if key not in hidden},
        "steps": steps_out(step for step in job.steps() if step.key not in hidden),
    }


@own.get("/worker/jobs", response={200: list[JobOut], **READING}, summary="My jobs", **OWN)
def my_jobs(request: HttpRequest) -> list[Answer]:
    """What is open and given to this worker, by planned start; 200 at most."""
    rows = _own_jobs(_worker(request)).open().order_by("planned_start", "id")
    return [own_job_out(job) for job in rows[:200]]


@own.get("/worker/jobs/{ref}", response={200: JobOut, **READING}, summary="One of my jobs", **OWN)
def my_job(request: HttpRequest, ref: JobRef) -> Answer:
    """One job of this worker, over or not."""
    return own_job_out(find_record(_own_jobs(_worker(request)), ref, key="number"))


@own.patch("/worker/jobs/{ref}", response={200: JobOut, **CHANGING}, summary="Fill in fields of my job", **OWN)
def fill_in(request: HttpRequest, ref: JobRef, data: MyJobChange) -> Answer:
    """Those that its template gives a worker to fill in; the others stay as they are. 409 when the job is over."""
    worker = _worker(request)
    job = find_record(_own_jobs(worker), ref, key="number")
    if not job.is_open:
        raise Refused(_("%s is over.") % job.number)
    with _acting(worker):
        return own_job_out(services.update_job(job, {"values": data.values}, by=worker.user, use="worker_use"))


@own.post("/worker/position", response={201: PositionOut, **CHANGING}, summary="I am here", **OWN)
def my_position(request: HttpRequest, data: PositionIn) -> Status[Answer]:
    """Where this worker is."""
    return Status(201, position_out(services.report_position(_worker(request), **data.dict())))


@own.post(
    "/worker/jobs/{ref}/transitions",
    response={200: JobOut, **CHANGING},
    summary="Start, pause, resume, complete",
    **OWN,
)
def move_my_job(request: HttpRequest, ref: JobRef, data: TransitionIn) -> Answer:
    """Start, pause, resume, complete a job of this worker. The rest is the office's."""
    worker = _worker(request)
    job = find_record(_own_jobs(worker), ref, key="number")
    if data.step not in OWN_STEPS:
        raise NotAllowed(_("Workers start, pause, resume and complete. The rest is the office's."))
    with _acting(worker):
        return own_job_out(take_step(job, data, by=worker.user))


@own.post(
    "/worker/jobs/{ref}/steps/{key}", response={200: JobOut, **CHANGING}, summary="Complete a step of my job", **OWN
)
def complete_my_step(request: HttpRequest, ref: JobRef, key: StepKey) -> Answer:
    """The first step starts the job, the last completes it."""
    worker = _worker(request)
    job = find_record(_own_jobs(worker), ref, key="number")
    with _acting(worker):
        return own_job_out(services.complete_step(job, key, by=worker.user))
