"""Making jobs: by hand, by API, by series, by import, by a portal user, always here and always alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, Customer, Location, Worker
from audit.act import Road, acting, current_act
from audit.bulk import insert, reserve_keys
from jobs.choices import JobStatus
from jobs.models import Job, JobNumber, PortalLink
from jobs.models.jobs import default_currency
from jobs.models.links import address_of_link, new_token
from jobs.services.recording import record_first_events, search_text_of
from jobs.services.sanity import insist_on_free_external_ids, insist_on_sanity
from permissions.errors import Refused
from permissions.models import PortalSettings
from templates_app.models import JobTemplate, TemplateVersion
from templates_app.services import freeze_template
from templates_app.values import clean_values


@dataclass
class NewJob:
    """What is known of a job before it is made. Only the customer is needed, and as a rule a template.

    ``values``: {field key: value}. Times are aware. ``amount``: in ``currency`` (the business's own if empty), before
    tax. ``copies``: how many identical jobs. Contact details left empty are those of the customer's site contact.
    ``status``: where a job stands that was begun elsewhere; empty, it waits or is scheduled. ``ended_at``: when it was
    completed or cancelled there, now if nobody knows.
    """

    customer: Customer
    template: JobTemplate | None = None
    location: Location | None = None
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    external_id: str | None = None
    requested_start: datetime | None = None
    planned_start: datetime | None = None
    duration_minutes: int | None = None
    worker: Worker | None = None
    notes: str = ""
    asset_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    ended_at: datetime | None = None


def create_job(new: NewJob, *, by: Any, road: Road | str | None = None, use: str = "") -> Job:
    """Makes one job; see ``create_jobs``."""
    return create_jobs([new], by=by, road=road, use=use)[0]


def create_jobs(
    new_jobs: Sequence[NewJob], *, by: Any, road: Road | str | None = None, use: str = "", announce: bool = True
) -> list[Job]:
    """Makes jobs, in order: numbers without gaps, history, events, portal links; all of them or none.

    ``by``: the user, or None. ``road``: how they came (default: that of the act under way). ``use``: whose duties the
    fields' rules count for ("portal_use", "worker_use"); empty for the office. ``announce``: False marks the events
    as announced, so that no alert goes out.

    Costs a number of queries that does not grow with the number of jobs. Raises Refused when a template is
    mandatory and missing or archived, when customer or worker are, or the location is another customer's;
    ValidationError {field: sentences} when a value is not what its field takes or an external ID is taken.
    """
    with transaction.atomic(), acting(by=by, road=road):
        settings = PortalSettings.load()
        _insist_on_templates(new_jobs, by, settings)
        versions = {
            t.pk: freeze_template(t) for t in {n.template.pk: n.template for n in new_jobs if n.template}.values()
        }
        contacts = _site_contacts(n.customer for n in new_jobs)
        numbers = take_numbers(len(new_jobs))
        # After the lock on the numbers: nobody else makes a job now.
        insist_on_free_external_ids([new.external_id for new in new_jobs])
        jobs, links = [], []
        keys, access = reserve_keys(Job, len(new_jobs)), _("Portal access: %s")
        for key, number, new in zip(keys, numbers, new_jobs, strict=True):
            version = versions[new.template.pk] if new.template else None
            job = _build(new, number, version, contacts.get(new.customer.pk), use)
            job.pk = key
            if new.template and settings.link_in_notes:
                link = build_link(job, settings)
                job.notes = "\n".join(filter(None, [job.notes, access % address_of_link(link.token)]))
                links.append(link)
            jobs.append(job)
        insist_on_sanity(jobs)
        insert(Job, jobs)
        insert(PortalLink, links)
        record_first_events(jobs, announce)
        return jobs


def take_numbers(count: int) -> list[str]:
    """The next ``count`` job numbers. They are lost with the transaction, never without it: no gap, no double."""
    last = JobNumber.objects.select_for_update().get_or_create(pk=1)[0]
    first = last.last + 1
    last.last += count
    last.save(update_fields=["last"])
    return [f"J-{n:06d}" for n in range(first, first + count)]


def _insist_on_templates(new_jobs: Iterable[NewJob], by: Any, settings: PortalSettings) -> None:
    free_hand = by is None or getattr(by, "is_superuser", False)
    for new in new_jobs:
        if new.template is None and settings.mandatory_templates and not free_hand:
            raise Refused(_("Choose a template: jobs are made from templates here."))
        if new.template is not None and new.template.archived_at:
            raise Refused(_("The template “%s” is archived. Choose another one.") % new.template)
        if new.worker is not None and not new.worker.is_active:
            raise Refused(_("%s no longer works here. Choose somebody else.") % new.worker)
        if new.customer.archived_at:
            raise Refused(_("%s is archived: it gets no new jobs.") % new.customer)


def _site_contacts(customers: Iterable[Customer]) -> dict[int, Contact]:
    contacts = Contact.objects.filter(customer__in={customer.pk for customer in customers}, is_site_contact=True)
    return {contact.customer_id: contact for contact in contacts}


def _build(new: NewJob, number: str, version: TemplateVersion | None, contact: Contact | None, use: str) -> Job:
    template, place = new.template, new.location
    if version is not None:
        values = clean_values(version.fields, new.values, use=use)
    elif new.values:
        raise ValidationError({"values": _("A job without a template has no fields.")})
    else:
        values = {}
    no_contact = not (new.contact_name or new.contact_email or new.contact_phone)
    from_customer = contact if no_contact else None
    act = current_act()
    job = Job(
        number=number,
        external_id=new.external_id or None,
        template_id=template.pk if template else None,
        blueprint_id=version.pk if version else None,
        customer_id=new.customer.pk,
        contact_name=from_customer.name if from_customer else new.contact_name,
        contact_email=(from_customer.email if from_customer else new.contact_email).strip(),
        contact_phone=from_customer.phone if from_customer else new.contact_phone,
        location_id=place.pk if place else None,
        address=new.address or (place.address if place else ""),
        latitude=new.latitude if new.latitude is not None else (place.latitude if place else None),
        longitude=new.longitude if new.longitude is not None else (place.longitude if place else None),
        worker_id=new.worker.pk if new.worker else None,
        requested_start=new.requested_start,
        duration_minutes=new.duration_minutes or (template.duration_minutes if template else 60),
        notes="\n".join(filter(None, [template.notes if template else "", new.notes])),
        asset_id=new.asset_id,
        amount=new.amount if new.amount is not None else (template.price if template else None),
        currency=new.currency or default_currency(),
        values=values,
        **_standing(new, version),
        source=act.road,
        created_by_id=act.by.pk if act.by is not None else None,
        created_at=timezone.now(),
    )
    # What is known already need not be fetched again.
    job._state.fields_cache |= {
        "template": template, "blueprint": version, "customer": new.customer, "location": place, "worker": new.worker,
        "created_by": act.by,
    }  # fmt: skip
    job.search_text = search_text_of(job)
    return job


def _standing(new: NewJob, version: TemplateVersion | None) -> dict[str, Any]:
    """The state of a new job and the times that belong to it, as if it had come there step by step."""
    now, start = timezone.now(), {"planned_start": new.planned_start}
    match new.status:
        case JobStatus.COMPLETED:
            at = new.ended_at or now
            done = {step["key"]: at.isoformat() for step in version.steps} if version else {}
            return start | {"status": new.status, "started_at": at, "completed_at": at, "steps_done": done}
        case JobStatus.CANCELLED:
            return start | {"status": new.status, "cancelled_at": new.ended_at or now}
        case JobStatus.STARTED | JobStatus.PAUSED:
            return start | {"status": new.status, "started_at": min(new.planned_start or now, now)}
        case JobStatus.POSTPONED:
            # It has lost its start and waits.
            return {"status": new.status}
    return start | {"status": JobStatus.SCHEDULED if new.planned_start else JobStatus.UNASSIGNED}


def build_link(job: Job, settings: PortalSettings) -> PortalLink:
    act, now = current_act(), timezone.now()
    return PortalLink(
        job=job,
        token=new_token(),
        made_at=now,
        made_by=act.actor[:200],
        made_road=act.road,
        expires_at=now + timedelta(days=settings.link_max_days) if settings.link_max_days else None,
    )
