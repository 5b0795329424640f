"""Jobs: made, read, changed, moved through their states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.models import Customer
from console.errors import NotAllowed
from jobs import services
from jobs.api.auth import insist, once, scoped
from jobs.api.pages import AFTER, LIMIT, page_of
from jobs.api.problems import CHANGING, READING
from jobs.api.references import (
    JobRef,
    StepKey,
    customer_of,
    find,
    location_of,
    lookup,
    template_of,
    worker_of,
)
from jobs.api.schemas import (
    EventOut,
    In,
    JobChange,
    JobIn,
    JobOut,
    Page,
    State,
    TransitionIn,
    WorkerRef,
)
from jobs.api.shapes import Moment, Text
from jobs.link_in_text import PLACEHOLDER
from jobs.models import Job, JobEvent, PortalLink
from jobs.services import NewJob
from templates_app.prices import PriceLine

router = Router(tags=["Jobs"])
READS, WRITES = scoped("jobs.read"), scoped("jobs.write")
READ = ("jobs.view_job", "jobs.change_job")
RIGHT_OF = {
    "schedule": "jobs.schedule_job",
    "unschedule": "jobs.schedule_job",
    "postpone": "jobs.schedule_job",
    "start": "jobs.complete_job",
    "pause": "jobs.complete_job",
    "resume": "jobs.complete_job",
    "complete": "jobs.complete_job",
    "cancel": "jobs.cancel_job",
    "undo_cancel": "jobs.cancel_job",
}


def with_all_told(jobs: QuerySet[Job], links: QuerySet[PortalLink]) -> QuerySet[Job]:
    """Jobs with what an answer says of them, in a number of queries that does not grow. ``links``: see ``job_out``."""
    alive = Prefetch("portal_links", links, to_attr="links_told")
    return jobs.select_related("customer", "template", "worker", "blueprint").prefetch_related(alive)


def jobs_of(user: Any) -> QuerySet[Job]:
    """The jobs this person may see, with what an answer shows of them."""
    return with_all_told(Job.objects.visible_to(user), PortalLink.objects.copyable_by(user))


def named(record: Any) -> dict[str, str] | None:
    """A record as reference and name."""
    return {"id": str(record.pk), "name": str(record)} if record else None


def lines_out(lines: list[PriceLine]) -> list[dict[str, Any]]:
    """Price lines as the API tells them."""
    return [
        {name: getattr(line, name) for name in ("description", "quantity", "unit_price", "amount")} for line in lines
    ]


def job_out(job: Job, links: QuerySet[PortalLink]) -> dict[str, Any]:
    """A job as the API tells it. ``links``: those that open, and whose addresses whoever asks may have.

    Without one the notes name their link by its placeholder: sent back, they say what they said.
    """
    own = (
        "number", "external_id", "status", "service", "contact_name", "contact_email", "contact_phone", "address",
        "latitude", "longitude", "requested_start", "planned_start", "duration_minutes", "started_at", "completed_at",
        "cancelled_at", "cancellation_reason", "asset_id", "amount", "currency", "values", "source",
        "created_at",
    )  # fmt: skip
    # A service returns the job as it stands, without what was fetched along before.
    told: list[PortalLink] = job.links_told if hasattr(job, "links_told") else list(links.filter(job=job)[:1])
    address = told[0].url if told else ""
    return {name: getattr(job, name) for name in own} | {
        "template": job.template.slug if job.template else None,
        "customer": named(job.customer),
        "location": str(job.location_id) if job.location_id else None,
        "worker": named(job.worker),
        "price_lines": lines_out(job.lines()),
        "steps": [{name: step[name] for name in ("key", "name", "done_at")} for step in job.steps()],
        "notes": job.notes.replace(PLACEHOLDER, address) if address else job.notes,
        "portal_link": address or None,
    }


def job_out_for(user: Any, job: Job) -> dict[str, Any]:
    """A job as the API tells it to this member of staff."""
    return job_out(job, PortalLink.objects.copyable_by(user))


def _with_link(user: Any, told: dict[str, Any]) -> dict[str, Any]:
    """What was told of a job without its link, with the address if this member of staff may have it."""
    link = PortalLink.objects.copyable_by(user).filter(job__number=told["number"]).first()
    if link is None or not link.url:
        return told
    return told | {"notes": told["notes"].replace(PLACEHOLDER, link.url), "portal_link": link.url}


class JobFilter(In):
    """Which jobs. `customer` and `worker`: an id, or `external:` and an external ID; `q`: words of number, external ID,
    customer, address, contact or asset; `planned_until` is not part of the span; `series`: an id."""

    status: State | None = None  # type: ignore[valid-type]
    customer: Text(100) | None = None  # type: ignore[valid-type]
    template: Text(140) | None = None  # type: ignore[valid-type]
    worker: Text(100) | None = None  # type: ignore[valid-type]
    series: Text(30) | None = None  # type: ignore[valid-type]
    planned_from: Moment | None = None
    planned_until: Moment | None = None
    q: Text(100) | None = None  # type: ignore[valid-type]


@router.get("/jobs", response={200: Page[JobOut], **READING}, summary="List jobs, newest first", **READS)
def list_jobs(
    request: HttpRequest, filters: Query[JobFilter], limit: int = LIMIT, after: str | None = AFTER
) -> dict[str, Any]:
    """`customer` and `worker`: an id, or `external:` and an external ID. `template`: its reference. `series`: its id.
    `status`: as the job tells it. `planned_from` and `planned_until`: the span of the planned start, without its last
    moment. `q`: words of number, external ID, customer, address, contact or asset ID.
    """
    user = insist(request, "jobs.read", *READ)
    rows = jobs_of(user)
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.customer:
        rows = rows.filter(customer=find(Customer.objects.visible_to(user), filters.customer, key="pk"))
    if filters.template:
        rows = rows.filter(template__slug=filters.template)
    if filters.worker:
        rows = rows.filter(worker=worker_of(filters.worker))
    if filters.series:
        condition = lookup(filters.series, key="pk")
        if condition is None or "pk" not in condition:
            raise Http404
        rows = rows.filter(occurrence__series=condition["pk"])
    if filters.planned_from:
        rows = rows.filter(planned_start__gte=filters.planned_from)
    if filters.planned_until:
        rows = rows.filter(planned_start__lt=filters.planned_until)
    if filters.q:
        rows = rows.matching(filters.q)  # type: ignore[attr-defined]
    return page_of(rows, limit, after, partial(job_out_for, user))


@router.post("/jobs", response={201: JobOut, **CHANGING}, summary="Make a job", **WRITES)
def make_job(request: HttpRequest, data: JobIn) -> Status:
    """Makes a job from a template, with its number, history, event and portal link.

    Send an `Idempotency-Key` header: the same key again makes no second job and gets the first answer.
    """
    user = insist(request, "jobs.write", "jobs.add_job")
    if (data.planned_start or data.worker) and not user.has_perm("jobs.schedule_job"):
        raise NotAllowed(_("%s may not schedule jobs: leave planned_start and worker out.") % user)

    def deed() -> dict[str, Any]:
        customer = customer_of(user, data.customer, data.contact)
        new = NewJob(
            customer=customer,
            template=template_of(user, data.template),
            worker=worker_of(data.worker),
            location=location_of(customer, data.location),
            contact_name=data.contact.name,
            contact_email=data.contact.email,
            contact_phone=data.contact.phone,
            **data.dict(exclude={"customer", "template", "worker", "location", "contact"}),
        )
        job = services.create_job(new, by=user)
        return job_out(job, PortalLink.objects.none())

    # The address is a key: it is not kept with the answer.
    return once(request, 201, deed, told=partial(_with_link, user))


@router.get("/jobs/{ref}", response={200: JobOut, **READING}, summary="Read a job", **READS)
def read_job(request: HttpRequest, ref: JobRef) -> dict[str, Any]:
    """`ref`: the job's number, or `external:` and its external ID."""
    user = insist(request, "jobs.read", *READ)
    return job_out_for(user, find(jobs_of(user), ref, key="number"))


def _job(request: HttpRequest, ref: str, right: str) -> tuple[Any, Job]:
    """The person and the job, if she may do that to it; a job she does not see is not there."""
    user = insist(request, "jobs.write")
    job = find(jobs_of(user), ref, key="number")
    insist(request, "jobs.write", right, record=job)
    return user, job


@router.patch("/jobs/{ref}", response={200: JobOut, **CHANGING}, summary="Change a job", **WRITES)
def change_job(request: HttpRequest, ref: JobRef, data: JobChange) -> dict[str, Any]:
    """Changes what is sent and leaves the rest. `values` are merged; null clears one."""
    user, job = _job(request, ref, "jobs.change_job")
    changes = data.dict(exclude_unset=True)
    customer = job.customer
    if "customer" in changes:
        customer = changes["customer"] = _other_customer(user, data.customer)
    if "location" in changes:
        changes["location"] = location_of(customer, data.location)
    elif customer != job.customer:
        changes["location"] = None
    with transaction.atomic():
        changed = services.update_job(job, changes, by=user)
    return job_out_for(user, changed)


def _other_customer(user: Any, reference: str) -> Customer:
    try:
        customer: Customer = find(Customer.objects.visible_to(user).current(), reference, key="pk")
    except Http404:
        raise ValidationError({"customer": [_("There is no such customer: %s.") % reference]}) from None
    return customer


@router.put("/jobs/{ref}/worker", response={200: JobOut, **CHANGING}, summary="Give a job to a worker", **WRITES)
def assign_job(request: HttpRequest, ref: JobRef, data: WorkerRef) -> dict[str, Any]:
    """`worker`: an id, or `external:` and an external ID; null for nobody."""
    user, job = _job(request, ref, "jobs.schedule_job")
    return job_out_for(user, services.assign_worker(job, by=user, worker=worker_of(data.worker)))


@router.post(
    "/jobs/{ref}/transitions", response={200: JobOut, **CHANGING}, summary="Take a job to its next state", **WRITES
)
def move_job(request: HttpRequest, ref: JobRef, data: TransitionIn) -> dict[str, Any]:
    """409 when that step is not open to the state the job is in."""
    user, job = _job(request, ref, RIGHT_OF[data.step])
    return job_out_for(user, take_step(job, data, by=user))


def take_step(job: Job, data: TransitionIn, *, by: Any) -> Job:
    """One step, by its service. Raises ValidationError when something it needs is missing."""
    match data.step:
        case "schedule":
            if data.start is None:
                raise ValidationError({"start": [_("When? An aware time.")]})
            worker = worker_of(data.worker)
            return services.schedule_job(
                job, by=by, start=data.start, worker=worker, duration_minutes=data.duration_minutes
            )
        case "cancel":
            if not data.reason.strip():
                raise ValidationError({"reason": [_("Say why it is cancelled.")]})
            return services.cancel_job(job, by=by, reason=data.reason)
        case "postpone":
            return services.postpone_job(job, by=by, reason=data.reason)
    simple: dict[str, Callable[..., Job]] = {
        "unschedule": services.unschedule_job,
        "start": services.start_job,
        "pause": services.pause_job,
        "resume": services.resume_job,
        "complete": services.complete_job,
        "undo_cancel": services.undo_cancel_job,
    }
    return simple[data.step](job, by=by)


@router.post("/jobs/{ref}/steps/{key}", response={200: JobOut, **CHANGING}, summary="Complete a step", **WRITES)
def complete_step(request: HttpRequest, ref: JobRef, key: StepKey) -> dict[str, Any]:
    """The first step starts the job, the last completes it. Completing one twice changes nothing."""
    user, job = _job(request, ref, "jobs.complete_job")
    return job_out_for(user, services.complete_step(job, key, by=user))


@router.get("/jobs/{ref}/events", response={200: Page[EventOut], **READING}, summary="What happened to a job", **READS)
def job_events(request: HttpRequest, ref: JobRef, limit: int = LIMIT, after: str | None = AFTER) -> dict[str, Any]:
    """In order, from its making on."""
    user = insist(request, "jobs.read", "jobs.view_jobevent")
    job = find(jobs_of(user), ref, key="number")
    return page_of(JobEvent.objects.told_to(user, job), limit, after, event_out, oldest_first=True)


def event_out(event: JobEvent) -> dict[str, Any]:
    """An event as the API tells it."""
    told = {"kind": event.kind, "at": event.at, "by": event.actor, "road": event.road}
    return told | {"data": {key: in_utc(value) for key, value in event.data.items()}}


def in_utc(value: Any) -> Any:
    """A time that was written down as text, in UTC like every other; anything else as it is."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return value if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
