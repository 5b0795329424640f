"""Customers, as far as programs need them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Status

from accounts.models import Customer
from accounts.services.customer_sheets import CustomerSheet, update_customer
from jobs.api.auth import insist, once, scoped
from jobs.api.pages import AFTER, LIMIT, page_of
from jobs.api.problems import CHANGING, READING
from jobs.api.references import CustomerId, contact_facts, find, make_customer
from jobs.api.schemas import CustomerChange, CustomerIn, CustomerOut, In, Page
from jobs.api.shapes import Text

router = Router(tags=["Customers"])
READS, WRITES = scoped("customers.read"), scoped("customers.write")
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
        {
            "id": str(one.pk),
            "name": one.name,
            "address": one.address,
            "latitude": one.latitude,
            "longitude": one.longitude,
        }
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


@router.get("/customers", response={200: Page[CustomerOut], **READING}, summary="List customers, newest first", **READS)
def list_customers(
    request: HttpRequest, filters: Query[CustomerFilter], limit: int = LIMIT, after: str | None = AFTER
) -> dict[str, Any]:
    """`q`: a part of the name."""
    rows = customers_of(insist(request, "customers.read", *READ))
    if filters.q:
        rows = rows.filter(name__icontains=filters.q)
    return page_of(rows, limit, after, customer_out)


@router.post("/customers", response={201: CustomerOut, **CHANGING}, summary="Make a customer", **WRITES)
def new_customer(request: HttpRequest, data: CustomerIn) -> Status:
    """With a site contact, a billing contact, a location, as far as they are known.

    Send an `Idempotency-Key` header: the same key again makes no second customer.
    """
    user = insist(request, "customers.write", "accounts.add_customer")

    def deed() -> dict[str, Any]:
        made = make_customer(
            user,
            data.name,
            data.external_id,
            data.site_contact,
            data.billing_contact,
            place=data.location,
            payment_terms=data.payment_terms,
        )
        return customer_out(made)

    return once(request, 201, deed)


@router.get("/customers/{ref}", response={200: CustomerOut, **READING}, summary="Read a customer", **READS)
def read_customer(request: HttpRequest, ref: CustomerId) -> dict[str, Any]:
    """`ref`: its id, or `external:` and its external ID."""
    return customer_out(find(customers_of(insist(request, "customers.read", *READ)), ref, key="pk"))


@router.patch("/customers/{ref}", response={200: CustomerOut, **CHANGING}, summary="Change a customer", **WRITES)
def change_customer(request: HttpRequest, ref: CustomerId, data: CustomerChange) -> dict[str, Any]:
    """Changes what is sent and leaves the rest."""
    user = insist(request, "customers.write")
    customer = find(customers_of(user), ref, key="pk")
    insist(request, "customers.write", "accounts.change_customer", record=customer)
    facts = data.dict(exclude_unset=True, include={"name", "external_id", "payment_terms"})
    if "external_id" in facts:
        facts["external_id"] = facts["external_id"] or None
    if facts.get("payment_terms", 0) is None:
        del facts["payment_terms"]
    for name, value in facts.items():
        setattr(customer, name, value)
    customer.full_clean()
    sheet = CustomerSheet(
        fields=facts,
        site=contact_facts(data.site_contact, customer.name),
        billing=contact_facts(data.billing_contact, customer.name),
        place=data.location.dict() if data.location else {},
    )
    with transaction.atomic():
        update_customer(customer, sheet, by=user)
    return customer_out(find(customers_of(user), str(customer.pk), key="pk"))
