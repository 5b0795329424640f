"""Jobs: made, read, changed, moved through their states."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router, Status

from accounts.api.auth import once, require
from accounts.api.references import location_of, worker_by_reference
from accounts.models import Customer, User
from api.pages import AFTER, LIMIT, PageOf, page_of
from api.problems import CHANGING, READING
from api.references import find_record, lookup
from api.schemas import Answer, In, Page, named
from api.sections import Section, scoped
from api.types import DateTime, RecordId, Reference, SearchWords
from console.errors import NotAllowed
from jobs import services
from jobs.api.references import JobRef, StepKey, customer_of
from jobs.api.schemas import EventOut, JobChange, JobIn, JobOut, State, TransitionIn, WorkerRef
from jobs.link_in_text import PLACEHOLDER
from jobs.models import Job, JobEvent, JobStep, PortalLink
from jobs.querysets import JobQuerySet
from jobs.services import NewJob
from templates_app.api import Slug, lines_out, template_of

router = Router(tags=["Jobs"])
section = Section(
    router,
    {
        "jobs.read": gettext_lazy("Read jobs"),
        "jobs.write": gettext_lazy("Make, change, schedule and cancel jobs"),
    },
)
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


def with_all_told(jobs: JobQuerySet, links: QuerySet[PortalLink]) -> JobQuerySet:
    """Jobs with what an answer says of them, in a number of queries that does not grow. ``links``: see ``job_out``."""
    alive = Prefetch("portal_links", links, to_attr="links_told")
    return jobs.select_related("customer", "template", "worker", "blueprint").prefetch_related(alive)


def jobs_of(user: User) -> JobQuerySet:
    """The jobs this person may see, with what an answer shows of them."""
    return with_all_told(Job.objects.visible_to(user), PortalLink.objects.copyable_by(user))


def steps_out(steps: Iterable[JobStep]) -> list[Answer]:
    """Steps of a job as the API tells them."""
    return [{"key": step.key, "name": step.name, "done_at": step.done_at} for step in steps]


def job_out(job: Job, links: QuerySet[PortalLink]) -> Answer:
    """A job as the API tells it. ``links``: those that open, and whose addresses whoever asks may have.

    Without one the notes name their link by its placeholder: sent back, they say what they said.
    """
    own = (
        "number", "external_id", "status", "service", "contact_name", "contact_email", "contact_phone", "address",
        "latitude", "longitude", "requested_start", "planned_start", "window_end", "duration_minutes", "started_at",
        "completed_at", "cancelled_at", "cancellation_reason", "asset_id", "amount", "currency", "prices_include_tax",
        "values", "source", "created_at",
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
        "steps": steps_out(job.steps()),
        "notes": job.notes.replace(PLACEHOLDER, address) if address else job.notes,
        "portal_link": address or None,
    }


def job_out_for(user: User, job: Job) -> Answer:
    """A job as the API tells it to this member of staff."""
    return job_out(job, PortalLink.objects.copyable_by(user))


def _with_link(user: User, told: Answer) -> Answer:
    """What was told of a job without its link, with the address if this member of staff may have it."""
    link = PortalLink.objects.copyable_by(user).filter(job__number=told["number"]).first()
    if link is None or not link.url:
        return told
    return told | {"notes": str(told["notes"]).replace(PLACEHOLDER, link.url), "portal_link": link.url}


class JobListQuery(In):
    """Which jobs. `customer` and `worker`: an id, or `external:` and an external ID; `q`: words of number, external ID,
    customer, address, contact or asset; `planned_until` is not part of the span; `series`: an id."""

    status: State | None = None
    customer: Reference | None = None
    template: Slug | None = None
    worker: Reference | None = None
    series: RecordId | None = None
    planned_from: DateTime | None = None
    planned_until: DateTime | None = None
    q: SearchWords | None = None


@router.get("/jobs", response={200: Page[JobOut], **READING}, summary="List jobs, newest first", **READS)
def list_jobs(
    request: HttpRequest, filters: Query[JobListQuery], limit: int = LIMIT, after: str | None = AFTER
) -> PageOf[Answer]:
    """`customer` and `worker`: an id, or `external:` and an external ID. `template`: its reference. `series`: its id.
    `status`: as the job tells it. `planned_from` and `planned_until`: the span of the planned start, without its last
    moment. `q`: words of number, external ID, customer, address, contact or asset ID.
    """
    user = require(request, "jobs.read", *READ)
    rows = jobs_of(user)
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.customer:
        rows = rows.filter(customer=find_record(Customer.objects.visible_to(user), filters.customer, key="pk"))
    if filters.template:
        rows = rows.filter(template__slug=filters.template)
    if filters.worker:
        rows = rows.filter(worker=worker_by_reference(filters.worker))
    if filters.series:
        condition = lookup(filters.series, key="pk")
        if condition is None or "pk" not in condition:
            raise Http404
        rows = rows.filter(occurrence__series__pk=condition["pk"])
    if filters.planned_from and filters.planned_until and filters.planned_from > filters.planned_until:
        raise ValidationError({"planned_until": [_("The span ends before it begins: planned_from is later.")]})
    if filters.planned_from:
        rows = rows.filter(planned_start__gte=filters.planned_from)
    if filters.planned_until:
        rows = rows.filter(planned_start__lt=filters.planned_until)
    if filters.q:
        rows = rows.matching(filters.q)
    return page_of(rows, limit, after, partial(job_out_for, user))


@router.post("/jobs", response={201: JobOut, **CHANGING}, summary="Make a job", **WRITES)
def make_job(request: HttpRequest, data: JobIn) -> Status[Answer]:
    """Makes a job from a template, with its number, history, event and portal link.

    Send an `Idempotency-Key` header: the same key again makes no second job and gets the first answer.
    """
    user = require(request, "jobs.write", "jobs.add_job")
    if (data.planned_start or data.worker) and not user.has_perm("jobs.schedule_job"):
        raise NotAllowed(_("%s may not schedule jobs: leave planned_start and worker out.") % user)

    def make() -> Answer:
        customer = customer_of(user, data.customer, data.contact)
        new = NewJob(
            customer=customer,
            template=template_of(user, data.template),
            worker=worker_by_reference(data.worker),
            location=location_of(customer, data.location),
            contact_name=data.contact.name,
            contact_email=data.contact.email,
            contact_phone=data.contact.phone,
            **data.dict(exclude={"customer", "template", "worker", "location", "contact"}),
        )
        job = services.create_job(new, by=user)
        return job_out(job, PortalLink.objects.none())

    # The address is a key: it is not kept with the answer.
    return once(request, 201, make, told=partial(_with_link, user))


@router.get("/jobs/{ref}", response={200: JobOut, **READING}, summary="Read a job", **READS)
def read_job(request: HttpRequest, ref: JobRef) -> Answer:
    """`ref`: the job's number, or `external:` and its external ID."""
    user = require(request, "jobs.read", *READ)
    return job_out_for(user, find_record(jobs_of(user), ref, key="number"))


def _job(request: HttpRequest, ref: str, right: str) -> tuple[User, Job]:
    """The person and the job, if she may do that to it; a job she does not see is not there."""
    user = require(request, "jobs.write")
    job = find_record(jobs_of(user), ref, key="number")
    require(request, "jobs.write", right, record=job)
    return user, job


@router.patch("/jobs/{ref}", response={200: JobOut, **CHANGING}, summary="Change a job", **WRITES)
def change_job(request: HttpRequest, ref: JobRef, data: JobChange) -> Answer:
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


def _other_customer(user: User, reference: str) -> Customer:
    try:
        return find_record(Customer.objects.visible_to(user), reference, key="pk")
    except Http404:
        raise ValidationError({"customer": [_("There is no such customer: %s.") % reference]}) from None


@router.put("/jobs/{ref}/worker", response={200: JobOut, **CHANGING}, summary="Give a job to a worker", **WRITES)
def assign_job(request: HttpRequest, ref: JobRef, data: WorkerRef) -> Answer:
    """`worker`: an id, or `external:` and an external ID; null for nobody."""
    user, job = _job(request, ref, "jobs.schedule_job")
    return job_out_for(user, services.assign_worker(job, by=user, worker=worker_by_reference(data.worker)))


@router.post(
    "/jobs/{ref}/transitions", response={200: JobOut, **CHANGING}, summary="Take a job to its next state", **WRITES
)
def move_job(request: HttpRequest, ref: JobRef, data: TransitionIn) -> Answer:
    """409 when that step is not open to the state the job is in."""
    user, job = _job(request, ref, RIGHT_OF[data.step])
    return job_out_for(user, take_step(job, data, by=user))


def take_step(job: Job, data: TransitionIn, *, by: User | None) -> Job:
    """One step, by its service. Raises ValidationError when something it needs is missing."""
    match data.step:
        case "schedule":
            if data.start is None:
                raise ValidationError({"start": [_("When? An aware time.")]})
            return services.schedule_job(
                job,
                by=by,
                start=data.start,
                worker=worker_by_reference(data.worker),
                duration_minutes=data.duration_minutes,
                window_end=data.window_end if "window_end" in data.model_fields_set else services.Window.KEEP,
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
def complete_step(request: HttpRequest, ref: JobRef, key: StepKey) -> Answer:
    """The first step starts the job, the last completes it. Completing one twice changes nothing."""
    user, job = _job(request, ref, "jobs.complete_job")
    return job_out_for(user, services.complete_step(job, key, by=user))


@router.get("/jobs/{ref}/events", response={200: Page[EventOut], **READING}, summary="What happened to a job", **READS)
def job_events(request: HttpRequest, ref: JobRef, limit: int = LIMIT, after: str | None = AFTER) -> PageOf[Answer]:
    """In order, from its making on."""
    user = require(request, "jobs.read", "jobs.view_jobevent")
    job = find_record(jobs_of(user), ref, key="number")
    return page_of(JobEvent.objects.told_to(user, job), limit, after, event_out, oldest_first=True)


def event_out(event: JobEvent) -> Answer:
    """An event as the API tells it."""
    told = {"kind": event.kind, "at": event.at, "by": event.actor, "source": event.source}
    return told | {"data": {key: in_utc(value) for key, value in event.data.items()}}


def in_utc(value: object) -> object:
    """A time that was written down as text, in UTC like every other; anything else as it is."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
        return value if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        # Somebody's words may look like a moment, of which the calendar has none.
        return value
