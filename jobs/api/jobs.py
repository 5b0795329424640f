"""Jobs: made, read, changed, moved through their states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.models import Customer, Worker
from accounts.services.customer_sheets import CustomerSheet, create_customers
from jobs import services
from jobs.api.auth import find, insist, once
from jobs.api.problems import PROBLEMS
from jobs.api.schemas import (
    ContactIn,
    CustomerRef,
    EventOut,
    In,
    JobChange,
    JobIn,
    JobOut,
    Moment,
    Page,
    State,
    Text,
    TransitionIn,
    WorkerRef,
)
from jobs.models import Job
from jobs.services import NewJob
from permissions.errors import Conflict, NotAllowed
from templates_app.models import JobTemplate
from templates_app.prices import PriceLine

router = Router(tags=["Jobs"])
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
LIMIT = Query(50, ge=1, le=200, description="Records on a page.")
AFTER = Query(None, pattern=r"^[0-9]{1,18}$", description="The `next` of the page before.")


def page_of(rows: QuerySet[Any], limit: int, after: str | None, out: Callable[[Any], Any]) -> dict[str, Any]:
    """One page, newest first, by key: the hundredth costs what the first does. Nothing is counted."""
    if after is not None:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    return {"items": [out(row) for row in shown], "next": str(shown[-1].pk) if len(found) > limit else None}


def jobs_of(user: Any) -> QuerySet[Job]:
    """The jobs this person may see, with what an answer shows of them."""
    return Job.objects.visible_to(user).select_related("customer", "template", "worker", "blueprint")


def named(record: Any) -> dict[str, str] | None:
    """A record as reference and name."""
    return {"id": str(record.pk), "name": str(record)} if record else None


def lines_out(lines: list[PriceLine]) -> list[dict[str, Any]]:
    """Price lines as the API tells them."""
    return [
        {name: getattr(line, name) for name in ("description", "quantity", "unit_price", "amount")} for line in lines
    ]


def job_out(job: Job) -> dict[str, Any]:
    """A job as the API tells it."""
    own = (
        "number", "external_id", "status", "service", "contact_name", "contact_email", "contact_phone", "address",
        "latitude", "longitude", "requested_start", "planned_start", "duration_minutes", "started_at", "completed_at",
        "cancelled_at", "cancellation_reason", "notes", "asset_id", "amount", "currency", "values", "source",
        "created_at",
    )  # fmt: skip
    return {name: getattr(job, name) for name in own} | {
        "template": job.template.slug if job.template else None,
        "customer": named(job.customer),
        "worker": named(job.worker),
        "price_lines": lines_out(job.lines()),
        "steps": [{name: step[name] for name in ("key", "name", "done_at")} for step in job.steps()],
    }


def worker_of(reference: str | None) -> Worker | None:
    """The worker with that id. Raises ValidationError."""
    if not reference:
        return None
    digits = reference.isascii() and reference.isdigit() and len(reference) < 19
    worker = Worker.objects.filter(pk=int(reference)).first() if digits else None
    if worker is None:
        raise ValidationError({"worker": [_("There is no such worker: %s.") % reference]})
    return worker


def template_of(user: Any, slug: str | None) -> JobTemplate | None:
    """The template with that reference, if this person may see it. Raises ValidationError."""
    if not slug:
        return None
    template = JobTemplate.objects.visible_to(user).filter(slug=slug).first()
    if template is None:
        raise ValidationError({"template": [_("There is no such template: %s.") % slug]})
    return template


def customer_of(user: Any, wanted: CustomerRef, contact: ContactIn) -> Customer:
    """The customer that is meant; made when there is none of that name, her site contact from the job's contact.

    Raises ValidationError for one there is not, Conflict when several bear the name, NotAllowed when the person may
    not make customers.
    """
    seen = Customer.objects.visible_to(user).current()
    if wanted.id is not None:
        digits = wanted.id.isascii() and wanted.id.isdigit() and len(wanted.id) < 19
        customer = seen.filter(pk=int(wanted.id)).first() if digits else None
    elif wanted.external_id:
        customer = seen.filter(external_id=wanted.external_id).first()
    else:
        customer = None
    if customer is not None:
        return customer
    name = (wanted.name or "").strip()
    if wanted.id is not None or not name:
        raise ValidationError({"customer": [_("There is no such customer. A new one needs a name.")]})
    if not wanted.external_id:
        alike = list(seen.filter(name__iexact=name)[:2])
        if len(alike) > 1:
            raise Conflict(_("Several customers are called “%s”. Name one by its id.") % name)
        if alike:
            return alike[0]
    if not user.has_perm("accounts.add_customer") or getattr(user, "only_granted_customers", False):
        raise NotAllowed(
            _("There is no customer “%(name)s”, and %(who)s may not make one.") % {"name": name, "who": user}
        )
    return make_customer(user, name, wanted.external_id, contact if any(contact.dict().values()) else None, None)


def make_customer(
    user: Any, name: str, external_id: str | None, site: ContactIn | None, billing: ContactIn | None
) -> Customer:
    """A new customer with her contacts. Raises ValidationError {field: sentences}."""
    new = Customer(name=name, external_id=external_id or None)
    new.full_clean()
    sheet = CustomerSheet(
        fields={"name": name, "external_id": external_id or None},
        site=contact_facts(site, name),
        billing=contact_facts(billing, name),
    )
    return create_customers([sheet], by=user)[0]


def contact_facts(contact: ContactIn | None, name: str) -> dict[str, str]:
    """What is said about a contact; its name is the customer's when it has none. Raises ValidationError."""
    if contact is None:
        return {}
    if contact.email:
        try:
            validate_email(contact.email)
        except ValidationError as error:
            raise ValidationError({"contact.email": error.messages}) from error
    return {"name": contact.name or name[:120], "email": contact.email, "phone": contact.phone}


class JobFilter(In):
    """Which jobs."""

    status: State | None = None  # type: ignore[valid-type]
    customer: Text(100) | None = None  # type: ignore[valid-type]
    template: Text(140) | None = None  # type: ignore[valid-type]
    worker: Text(30) | None = None  # type: ignore[valid-type]
    planned_from: Moment | None = None
    planned_until: Moment | None = None
    q: Text(100) | None = None  # type: ignore[valid-type]


@router.get("/jobs", response={200: Page[JobOut], **PROBLEMS}, summary="List jobs, newest first")
def list_jobs(
    request: HttpRequest, filters: Query[JobFilter], limit: int = LIMIT, after: str | None = AFTER
) -> dict[str, Any]:
    """`customer`: an id, or `external:` and an external ID. `q`: words of number, customer, address or contact."""
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
    if filters.planned_from:
        rows = rows.filter(planned_start__gte=filters.planned_from)
    if filters.planned_until:
        rows = rows.filter(planned_start__lt=filters.planned_until)
    if filters.q:
        rows = rows.matching(filters.q)  # type: ignore[attr-defined]
    return page_of(rows, limit, after, job_out)


@router.post("/jobs", response={201: JobOut, **PROBLEMS}, summary="Make a job")
def make_job(request: HttpRequest, data: JobIn) -> Status:
    """Makes a job from a template, with its number, history, event and portal link.

    Send an `Idempotency-Key` header: the same key again makes no second job and gets the first answer.
    """
    user = insist(request, "jobs.write", "jobs.add_job")
    if (data.planned_start or data.worker) and not user.has_perm("jobs.schedule_job"):
        raise NotAllowed(_("%s may not schedule jobs: leave planned_start and worker out.") % user)

    def deed() -> dict[str, Any]:
        new = NewJob(
            customer=customer_of(user, data.customer, data.contact),
            template=template_of(user, data.template),
            worker=worker_of(data.worker),
            contact_name=data.contact.name,
            contact_email=data.contact.email,
            contact_phone=data.contact.phone,
            **data.dict(exclude={"customer", "template", "worker", "contact"}),
        )
        return job_out(services.create_job(new, by=user))

    return once(request, 201, deed)


@router.get("/jobs/{ref}", response={200: JobOut, **PROBLEMS}, summary="Read a job")
def read_job(request: HttpRequest, ref: str) -> dict[str, Any]:
    """`ref`: the job's number, or `external:` and its external ID."""
    return job_out(find(jobs_of(insist(request, "jobs.read", *READ)), ref, key="number"))


def _job(request: HttpRequest, ref: str, right: str) -> tuple[Any, Job]:
    """The person and the job, if she may do that to it; a job she does not see is not there."""
    user = insist(request, "jobs.write")
    job = find(jobs_of(user), ref, key="number")
    insist(request, "jobs.write", right, record=job)
    return user, job


@router.patch("/jobs/{ref}", response={200: JobOut, **PROBLEMS}, summary="Change a job")
def change_job(request: HttpRequest, ref: str, data: JobChange) -> dict[str, Any]:
    """Changes what is sent and leaves the rest. `values` are merged; null clears one."""
    user, job = _job(request, ref, "jobs.change_job")
    return job_out(services.update_job(job, data.dict(exclude_unset=True), by=user))


@router.put("/jobs/{ref}/worker", response={200: JobOut, **PROBLEMS}, summary="Give a job to a worker")
def assign_job(request: HttpRequest, ref: str, data: WorkerRef) -> dict[str, Any]:
    """`worker`: an id, or null for nobody."""
    user, job = _job(request, ref, "jobs.schedule_job")
    return job_out(services.assign_worker(job, by=user, worker=worker_of(data.worker)))


@router.post("/jobs/{ref}/transitions", response={200: JobOut, **PROBLEMS}, summary="Take a job to its next state")
def move_job(request: HttpRequest, ref: str, data: TransitionIn) -> dict[str, Any]:
    """Which step is open to which state: see the documentation. 409 when it is not open to this one."""
    user, job = _job(request, ref, RIGHT_OF[data.step])
    return job_out(take_step(job, data, by=user))


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


@router.post("/jobs/{ref}/steps/{key}", response={200: JobOut, **PROBLEMS}, summary="Complete a step")
def complete_step(request: HttpRequest, ref: str, key: str) -> dict[str, Any]:
    """The first step starts the job, the last completes it. Completing one twice changes nothing."""
    user, job = _job(request, ref, "jobs.complete_job")
    return job_out(services.complete_step(job, key, by=user))


@router.get("/jobs/{ref}/events", response={200: list[EventOut], **PROBLEMS}, summary="What happened to a job")
def job_events(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """In order, from its making on."""
    user = insist(request, "jobs.read", "jobs.view_jobevent")
    job = find(jobs_of(user), ref, key="number")
    return [
        {"kind": event.kind, "at": event.at, "by": event.actor, "road": event.road, "data": event.data}
        for event in job.events.all()
    ]
