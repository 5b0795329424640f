"""Small makers of plausible records, through the services wherever there is one."""

from __future__ import annotations

import itertools
from typing import Any

from accounts.choices import PortalUserState
from accounts.models import Contact, Customer, CustomerLink, Location, PortalUser, User, Worker
from jobs.models import Job
from jobs.services import NewJob, create_job
from templates_app.models import JobTemplate, TemplateField, TemplateStep

_count = itertools.count(1)
PASSWORD = "correct horse battery"


def make_user(email: str = "", **fields: Any) -> User:
    email = email or f"person{next(_count)}@example.com"
    fields.setdefault("full_name", email.split("@")[0].title())
    return User.objects.create_user(email, PASSWORD, **fields)


def make_customer(name: str = "", *, contact_email: str = "", **fields: Any) -> Customer:
    n = next(_count)
    customer = Customer.objects.create(name=name or f"Customer {n}", **fields)
    if contact_email:
        Contact.objects.create(customer=customer, name=f"Contact {n}", email=contact_email, is_site_contact=True)
    return customer


def make_location(customer: Customer, **fields: Any) -> Location:
    defaults = {"street": f"{next(_count)} Mill Lane", "city": "Hamburg", "postcode": "20095"}
    return Location.objects.create(customer=customer, **(defaults | fields))


def make_template(
    name: str = "", *, steps: tuple[str, ...] = (), fields: tuple[dict[str, Any], ...] = (), **facts: Any
) -> JobTemplate:
    facts.setdefault("is_portal_default", True)
    template = JobTemplate.objects.create(name=name or f"Template {next(_count)}", **facts)
    for position, step in enumerate(steps):
        TemplateStep.objects.create(template=template, name=step, position=position)
    for position, field in enumerate(fields):
        TemplateField.objects.create(template=template, position=position, **field)
    return template


def make_worker(name: str = "", **fields: Any) -> Worker:
    return Worker.objects.create(name=name or f"Worker {next(_count)}", **fields)


def make_portal_user(email: str = "", *customers: Customer, **fields: Any) -> PortalUser:
    fields.setdefault("state", PortalUserState.ACTIVE)
    person = PortalUser.objects.create(user=make_user(email), **fields)
    for customer in customers:
        CustomerLink.objects.create(portal_user=person, customer=customer)
    return person


def make_job(customer: Customer, template: JobTemplate | None = None, *, by: Any = None, **facts: Any) -> Job:
    return create_job(NewJob(customer=customer, template=template, **facts), by=by)
