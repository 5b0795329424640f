"""Making jobs: by hand, by API, by series, by import, by a portal user, always here and always alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, Customer, Location, Worker
from audit.act import Source, acting, current_act
from audit.bulk import BATCH, BulkRows, copy_of, insert, reserve_keys
from audit.token_columns import TOKEN_COLUMNS, new_token, token_columns
from business.models import PortalSettings
from console.errors import Refused
from console.reach import limits_of, require_reach
from jobs.choices import JobStatus
from jobs.link_in_text import note_of_link
from jobs.models import Job, PortalLink
from jobs.services.numbers import take_numbers
from jobs.services.recording import FirstEvents, search_text_of, tell_of_new_jobs
from jobs.services.sanity import require_free_external_ids, require_sane_jobs
from jobs.windows import why_no_window
from money import default_currency
from templates_app.definitions import Value
from templates_app.models import JobTemplate, TemplateVersion
from templates_app.prices import Stored, clean_lines, total_of
from templates_app.services import By, freeze_templates
from templates_app.values import clean_values

# So many are made, and written while the next are made.
SOME = 1000


@dataclass
class NewJob:
    """What is known of a job before it is made. Only the customer is needed, and as a rule a template.

    ``values``: {field key: value}. Times are aware. Money is in ``currency`` (the template's if empty, or
    the business's own), with tax or before it as ``prices_include_tax`` says (None: as the template does, before tax
    without one). ``price_lines``: None for the template's; with lines, their total is the amount. ``amount``:
    for the whole job; another one than the template's lines come to stands alone, without lines. Contact details left
    empty are those of the customer's site contact. ``address_to_check``: nobody knows yet where that is. ``status``:
    where a job stands that was begun elsewhere; empty, it waits or is scheduled. ``window_end``: of the window of time
    that the customer is promised from ``planned_start`` on. ``ended_at``: when it was completed
    or cancelled there, now if nobody knows.
    """

    customer: Customer
    template: JobTemplate | None = None
    location: Location | None = None
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    address_to_check: bool = False
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    external_id: str | None = None
    requested_start: datetime | None = None
    planned_start: datetime | None = None
    window_end: datetime | None = None
    duration_minutes: int | None = None
    worker: Worker | None = None
    notes: str = ""
    asset_id: str = ""
    price_lines: Stored | None = None
    amount: Decimal | None = None
    currency: str = ""
    prices_include_tax: bool | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    status: str = ""
    ended_at: datetime | None = None

    @property
    def has_contact(self) -> bool:
        """Is anything said about whom to ask for?"""
        return bool(self.contact_name or self.contact_email or self.contact_phone)


def create_job(new: NewJob, *, by: By, source: Source | str | None = None, use: str = "") -> Job:
    """Makes one job; see ``create_jobs``."""
    return create_jobs([new], by=by, source=source, use=use)[0]


def create_jobs(
    new_jobs: Sequence[NewJob],
    *,
    by: By,
    source: Source | str | None = None,
    use: str = "",
    announce: bool = True,
    meanwhile: Callable[[], None] | None = None,
) -> list[Job]:
    """Makes jobs, in order: numbers without gaps, history, events, portal links; all of them or none.

    ``by``: the user, or None. ``source``: how they came (default: that of the act under way). ``use``: whose duties the
    fields' rules count for ("portal_use", "worker_use"); empty for the office. ``announce``: False marks the events
    as announced, so that no alert goes out. ``meanwhile``: called once all are made and the database is at work on
    them.

    Costs a number of queries that does not grow with the number of jobs. Raises Refused when a template is
    mandatory and missing or archived, when customer or worker are, or the location is another customer's;
    ValidationError {field: sentences} when a value is not what its field takes or an external ID is taken; NotAllowed
    for a customer or template that ``by`` may not work with.
    """
    try:
        with transaction.atomic(), acting(by=by, source=source):
            return _create(new_jobs, by, use, announce, meanwhile)
    except IntegrityError:
        # Asked only now: that no two jobs have one external ID the database sees to.
        require_free_external_ids([new.external_id for new in new_jobs])
        raise


def _create(
    new_jobs: Sequence[NewJob], by: By, use: str, announce: bool, meanwhile: Callable[[], None] | None
) -> list[Job]:
    settings = PortalSettings.load()
    _require_reach(new_jobs, by)
    _require_usable_templates(new_jobs, by, settings)
    versions = freeze_templates(new.template for new in new_jobs if new.template)
    contacts = _site_contacts(new.customer for new in new_jobs if not new.has_contact)
    numbers = take_numbers(len(new_jobs))
    maker = _Maker(versions, contacts, use)
    keys = reserve_keys(Job, len(new_jobs))
    line = note_of_link()
    links_are_noted, links, events = settings.link_in_notes, _links(settings), FirstEvents(announce)
    jobs: list[Job] = []

    def made() -> Iterator[Job]:
        """The jobs, and what goes with them: the database takes the first in while the next are made."""
        for start in range(0, len(new_jobs), BATCH):
            some, linked = [], []
            for place in range(start, min(start + BATCH, len(new_jobs))):
                new, job = new_jobs[place], maker.make(new_jobs[place], keys[place], numbers[place])
                if new.template and links_are_noted:
                    linked.append(job.id)
                    job.notes = f"{job.notes}\n{line}" if job.notes else line
                some.append(job)
            require_sane_jobs(some)
            links.add(job_id=linked, **_tokens(len(linked)))
            events.add(some)
            jobs.extend(some)
            yield from some
        if meanwhile is not None:
            meanwhile()

    insert(Job, made())
    links.write()
    events.write()
    if announce:
        tell_of_new_jobs(jobs)
    return jobs


def _require_reach(new_jobs: Iterable[NewJob], by: By) -> None:
    if limits_of(by) is None:
        return
    customers = {new.customer.pk: new.customer for new in new_jobs}
    templates = {new.template.pk: new.template for new in new_jobs if new.template}
    require_reach(by, *customers.values(), *templates.values())


def _require_usable_templates(new_jobs: Iterable[NewJob], by: By, settings: PortalSettings) -> None:
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
    keys = {customer.id for customer in customers}
    contacts = Contact.objects.filter(customer__in=keys, is_site_contact=True) if keys else ()
    return {contact.customer_id: contact for contact in contacts}


class _Maker:
    """Makes jobs that are not saved yet. What the jobs of one template have in common is worked out once."""

    def __init__(self, versions: Mapping[int, TemplateVersion], contacts: Mapping[int, Contact], use: str) -> None:
        self.versions, self.contacts, self.use = versions, contacts, use
        self._prototypes: dict[int | None, Job] = {}
        self._cleaned: dict[object, dict[str, Value]] = {}

    def make(self, new: NewJob, key: int, number: str) -> Job:
        """The job of that key and number."""
        template, place, customer = new.template, new.location, new.customer
        prototype = self._prototypes.get(template.id if template else None) or self._prototype(template)
        name, email, phone = new.contact_name, new.contact_email, new.contact_phone
        if not new.has_contact and (contact := self.contacts.get(customer.id)):
            name, email, phone = contact.name, contact.email, contact.phone
        values: dict[str, object] = {
            "id": key,
            "number": number,
            "external_id": new.external_id or None,
            "customer_id": customer.id,
            "contact_name": name,
            "contact_email": email.strip(),
            "contact_phone": phone,
            "address": new.address,
            "latitude": new.latitude,
            "longitude": new.longitude,
            "address_to_check": new.address_to_check,
            "requested_start": new.requested_start,
            "asset_id": new.asset_id,
            "values": self._values(new, template),
        }
        related: dict[str, models.Model] = {"customer": customer}
        if place is not None:
            values["location_id"], related["location"] = place.pk, place
            values["address"] = new.address or place.address
            if new.latitude is None:
                values["latitude"] = place.latitude
            if new.longitude is None:
                values["longitude"] = place.longitude
        if new.worker is not None:
            values["worker_id"], related["worker"] = new.worker.pk, new.worker
        if new.status:
            values |= _standing(new, self.versions[template.id] if template else None)
        elif new.planned_start:
            values["planned_start"], values["status"] = new.planned_start, JobStatus.SCHEDULED
            values["window_end"] = new.window_end
        elif new.window_end is not None:
            raise ValidationError({"window_end": why_no_window(None, new.window_end)})
        if new.duration_minutes:
            values["duration_minutes"] = new.duration_minutes
        if new.notes:
            values["notes"] = f"{prototype.notes}\n{new.notes}" if prototype.notes else new.notes
        if new.price_lines is not None:
            values["price_lines"] = lines = clean_lines(new.price_lines) if new.price_lines else []
            values["amount"] = total_of(lines) if lines else new.amount
        elif new.amount is not None and new.amount != prototype.amount:
            # Another amount than the template's lines come to stands alone.
            values["price_lines"], values["amount"] = [], new.amount
        if new.currency:
            values["currency"] = new.currency
        if new.prices_include_tax is not None:
            values["prices_include_tax"] = new.prices_include_tax
        job = copy_of(prototype, related, values)
        job.search_text = search_text_of(job)
        return job

    def _prototype(self, template: JobTemplate | None) -> Job:
        version, act = (self.versions[template.id] if template else None), current_act()
        job = self._prototypes[template.id if template else None] = Job(
            template=template,
            blueprint=version,
            location=None,
            worker=None,
            duration_minutes=template.duration_minutes if template else 60,
            notes=template.notes if template else "",
            price_lines=list(template.price_lines) if template else [],
            amount=template.price if template else None,
            currency=template.currency if template else default_currency(),
            prices_include_tax=template.prices_include_tax if template else False,
            source=act.source,
            created_by=act.by,
            created_at=timezone.now(),
        )
        return job

    def _values(self, new: NewJob, template: JobTemplate | None) -> dict[str, Value]:
        if template is None:
            if new.values:
                raise ValidationError({"values": _("A job without a template has no fields.")})
            return {}
        fields = self.versions[template.id].field_definitions
        try:
            key = (template.id, *((name, type(value), value) for name, value in new.values.items()))
            known = self._cleaned.get(key)
        except TypeError:  # a list of choices
            return clean_values(fields, new.values, use=self.use)
        if known is None:
            known = self._cleaned[key] = clean_values(fields, new.values, use=self.use)
        return dict(known)


def _standing(new: NewJob, version: TemplateVersion | None) -> dict[str, object]:
    """The state of a new job and the times that belong to it, as if it had come there step by step."""
    now, start = timezone.now(), {"planned_start": new.planned_start, "window_end": new.window_end}
    match new.status:
        case JobStatus.COMPLETED:
            at = new.ended_at or now
            done = {step.key: at.isoformat() for step in version.step_definitions} if version else {}
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
    """A link to a job, made by the act under way; not saved yet."""
    return PortalLink(job=job, **_facts_of_links(settings))


def _links(settings: PortalSettings) -> BulkRows:
    """For the links of new jobs. Their history begins with the first change: how they were made the row itself says."""
    never = dict.fromkeys(("revoked_at", "revoked_by_id", "first_opened_at", "last_opened_at"))
    return BulkRows(PortalLink, **_facts_of_links(settings), **never, opened_count=0)


def _tokens(count: int) -> dict[str, list[str]]:
    """The columns of so many new tokens."""
    made = [token_columns(PortalLink, new_token(PortalLink.token_bytes)) for _number in range(count)]
    return {name: [one[name] for one in made] for name in TOKEN_COLUMNS}


def _facts_of_links(settings: PortalSettings) -> dict[str, Any]:
    act, now = current_act(), timezone.now()
    return {
        "made_at": now,
        "made_by": act.actor[:200],
        "made_source": act.source,
        "expires_at": now + timedelta(days=settings.link_max_days) if settings.link_max_days else None,
    }
