"""Customers, as far as programs need them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from accounts.api.auth import once, require
from accounts.api.references import CustomerId, contact_facts, make_customer
from accounts.api.schemas import CustomerChange, CustomerIn, CustomerOut
from accounts.hooks import CONTACT_COPIES
from accounts.models import Customer, User
from accounts.services.customer_sheets import CustomerSheet, update_customer
from api.pages import AFTER, LIMIT, PageOf, page_of
from api.problems import CHANGING, READING
from api.references import find_record
from api.schemas import Answer, In, Page
from api.sections import Section, scoped
from api.types import SearchWords

router = Router(tags=["Customers"])
section = Section(router, {"customers.read": _("Read customers"), "customers.write": _("Make and change customers")})
READS, WRITES = scoped("customers.read"), scoped("customers.write")
READ = ("accounts.view_customer", "accounts.change_customer")


def customers_of(user: User) -> QuerySet[Customer]:
    """The customers this person may see, archived ones too, with their people and places."""
    return Customer.objects.visible_to(user).prefetch_related("contacts", "locations", "labels")


def customer_out(customer: Customer) -> Answer:
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
        "is_archived": customer.archived_at is not None,
        "payment_terms": customer.payment_terms,
        "labels": [label.name for label in customer.labels.all()],
        "contacts": contacts,
        "locations": locations,
    }


class CustomerFilter(In):
    """Which customers."""

    q: SearchWords | None = None


@router.get("/customers", response={200: Page[CustomerOut], **READING}, summary="List customers, newest first", **READS)
def list_customers(
    request: HttpRequest, filters: Query[CustomerFilter], limit: int = LIMIT, after: str | None = AFTER
) -> PageOf[Answer]:
    """Those that are not archived. `q`: a part of the name."""
    rows = customers_of(require(request, "customers.read", *READ)).filter(archived_at__isnull=True)
    if filters.q:
        rows = rows.filter(name_search__contains=filters.q)
    return page_of(rows, limit, after, customer_out)


@router.post("/customers", response={201: CustomerOut, **CHANGING}, summary="Make a customer", **WRITES)
def new_customer(request: HttpRequest, data: CustomerIn) -> Status[Answer]:
    """With a site contact, a billing contact, a location, as far as they are known.

    Send an `Idempotency-Key` header: the same key again makes no second customer.
    """
    user = require(request, "customers.write", "accounts.add_customer")

    def make() -> Answer:
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

    return once(request, 201, make)


@router.get("/customers/{ref}", response={200: CustomerOut, **READING}, summary="Read a customer", **READS)
def read_customer(request: HttpRequest, ref: CustomerId) -> Answer:
    """`ref`: its id, or `external:` and its external ID. An archived one too: its jobs name it."""
    return customer_out(find_record(customers_of(require(request, "customers.read", *READ)), ref, key="pk"))


@router.patch("/customers/{ref}", response={200: CustomerOut, **CHANGING}, summary="Change a customer", **WRITES)
def change_customer(request: HttpRequest, ref: CustomerId, data: CustomerChange) -> Answer:
    """Changes what is sent and leaves the rest."""
    user = require(request, "customers.write")
    customer = find_record(customers_of(user), ref, key="pk")
    require(request, "customers.write", "accounts.change_customer", record=customer)
    if data.change_open_jobs:
        for copies in CONTACT_COPIES.values():
            require(request, copies.scope, copies.permission)
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
        update_customer(customer, sheet, by=user, change_open_jobs=data.change_open_jobs)
    return customer_out(find_record(customers_of(user), str(customer.pk), key="pk"))
