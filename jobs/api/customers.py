"""Customers and templates, as far as programs need them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.models import Customer
from accounts.services.customer_sheets import CustomerSheet, update_customer
from jobs.api.auth import find, insist, once
from jobs.api.jobs import AFTER, LIMIT, contact_facts, lines_out, make_customer, page_of
from jobs.api.problems import PROBLEMS
from jobs.api.schemas import CustomerChange, CustomerIn, CustomerOut, In, Page, TemplateOut, Text
from templates_app.models import JobTemplate
from templates_app.services import freeze_template

router = Router(tags=["Customers"])
templates = Router(tags=["Templates"])
READ = ("accounts.view_customer", "accounts.change_customer")


def customers_of(user: Any) -> Any:
    """The customers this person may see, with their people and places."""
    return Customer.objects.visible_to(user).current().prefetch_related("contacts", "locations", "labels")


def customer_out(customer: Customer) -> dict[str, Any]:
    """A customer as the API tells it. The office's own notes stay in the office."""
    contacts = [
        {
            "name": one.name,
            "email": one.email,
            "phone": one.phone,
            "is_site_contact": one.is_site_contact,
            "is_billing_contact": one.is_billing_contact,
        }
        for one in customer.contacts.all()
    ]
    locations = [
        {"name": one.name, "address": one.address, "latitude": one.latitude, "longitude": one.longitude}
        for one in customer.locations.all()
    ]
    return {
        "id": str(customer.pk),
        "name": customer.name,
        "external_id": customer.external_id,
        "payment_terms": customer.payment_terms,
        "labels": [label.name for label in customer.labels.all()],
        "contacts": contacts,
        "locations": locations,
    }


class CustomerFilter(In):
    """Which customers."""

    q: Text(100) | None = None  # type: ignore[valid-type]


@router.get("/customers", response={200: Page[CustomerOut], **PROBLEMS}, summary="List customers, newest first")
def list_customers(
    request: HttpRequest, filters: Query[CustomerFilter], limit: int = LIMIT, after: str | None = AFTER
) -> dict[str, Any]:
    """`q`: a part of the name."""
    rows = customers_of(insist(request, "customers.read", *READ))
    if filters.q:
        rows = rows.filter(name__icontains=filters.q)
    return page_of(rows, limit, after, customer_out)


@router.post("/customers", response={201: CustomerOut, **PROBLEMS}, summary="Make a customer")
def new_customer(request: HttpRequest, data: CustomerIn) -> Status:
    """Send an `Idempotency-Key` header: the same key again makes no second customer."""
    user = insist(request, "customers.write", "accounts.add_customer")

    def deed() -> dict[str, Any]:
        made = make_customer(user, data.name, data.external_id, data.site_contact, data.billing_contact)
        return customer_out(made)

    return once(request, 201, deed)


@router.get("/customers/{ref}", response={200: CustomerOut, **PROBLEMS}, summary="Read a customer")
def read_customer(request: HttpRequest, ref: str) -> dict[str, Any]:
    """`ref`: its id, or `external:` and its external ID."""
    return customer_out(find(customers_of(insist(request, "customers.read", *READ)), ref, key="pk"))


@router.patch("/customers/{ref}", response={200: CustomerOut, **PROBLEMS}, summary="Change a customer")
def change_customer(request: HttpRequest, ref: str, data: CustomerChange) -> dict[str, Any]:
    """Changes what is sent and leaves the rest."""
    user = insist(request, "customers.write")
    customer = find(customers_of(user), ref, key="pk")
    insist(request, "customers.write", "accounts.change_customer", record=customer)
    facts = data.dict(exclude_unset=True, include={"name", "external_id"})
    if "name" in facts and not (facts["name"] or "").strip():
        raise ValidationError({"name": [_("A customer needs a name.")]})
    if "external_id" in facts:
        facts["external_id"] = facts["external_id"] or None
    for name, value in facts.items():
        setattr(customer, name, value)
    customer.full_clean()
    sheet = CustomerSheet(
        fields=facts,
        site=contact_facts(data.site_contact, customer.name),
        billing=contact_facts(data.billing_contact, customer.name),
    )
    with transaction.atomic():
        update_customer(customer, sheet, by=user)
    return customer_out(find(customers_of(user), str(customer.pk), key="pk"))


def template_out(template: JobTemplate) -> dict[str, Any]:
    """A template with its steps and fields, as a job made now would have them."""
    own = ("slug", "name", "description", "category", "duration_minutes", "price", "currency")
    version = freeze_template(template)
    return {name: getattr(template, name) for name in own} | {
        "price_lines": lines_out(template.lines()),
        "steps": version.steps,
        "fields": version.fields,
    }


@templates.get("/templates", response={200: list[TemplateOut], **PROBLEMS}, summary="List templates")
def list_templates(request: HttpRequest) -> list[dict[str, Any]]:
    """All that are not archived, by name, with their steps and fields."""
    user = insist(request, "templates.read", "templates_app.view_jobtemplate")
    return [template_out(template) for template in JobTemplate.objects.visible_to(user).current()]


@templates.get("/templates/{slug}", response={200: TemplateOut, **PROBLEMS}, summary="Read a template")
def read_template(request: HttpRequest, slug: str) -> dict[str, Any]:
    """By its reference."""
    user = insist(request, "templates.read", "templates_app.view_jobtemplate")
    return template_out(find(JobTemplate.objects.visible_to(user).current(), slug, key="slug"))
