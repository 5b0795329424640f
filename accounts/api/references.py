"""Customers, contacts and workers as programs name them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404
from django.utils.translation import gettext as _
from ninja import P, PathEx

from accounts.api.schemas import ContactIn, PlaceIn
from accounts.models import Customer, Location, User, Worker
from accounts.services.customer_sheets import CustomerSheet, create_customers
from api.references import find_record

# What stands in an address, and how the document explains it.
CustomerId = PathEx[str, P(description="The customer's id, or `external:` and its external ID.")]
WorkerId = PathEx[str, P(description="The worker's id, or `external:` and its external ID.")]


def worker_by_reference(reference: str | None) -> Worker | None:
    """The worker with that reference. Raises ValidationError."""
    if not reference:
        return None
    try:
        return find_record(Worker.objects.all(), reference, key="pk")
    except Http404:
        raise ValidationError({"worker": [_("There is no such worker: %s.") % reference]}) from None


def location_of(customer: Customer, reference: str | None) -> Location | None:
    """The customer's location with that id. Raises ValidationError."""
    if not reference:
        return None
    try:
        return find_record(customer.locations.all(), reference, key="pk")
    except Http404:
        raise ValidationError(
            {"location": [_("%(customer)s has no such location: %(id)s.") % {"customer": customer, "id": reference}]}
        ) from None


def make_customer(
    user: User,
    name: str,
    external_id: str | None,
    site: ContactIn | None,
    billing: ContactIn | None,
    *,
    place: PlaceIn | None = None,
    payment_terms: int | None = None,
) -> Customer:
    """A new customer with her contacts and a location. Raises ValidationError {field: sentences}."""
    facts: dict[str, str | int | None] = {"name": name, "external_id": external_id or None}
    if payment_terms is not None:
        facts["payment_terms"] = payment_terms
    Customer(**facts).full_clean()
    sheet = CustomerSheet(
        fields=facts,
        site=contact_facts(site, name),
        billing=contact_facts(billing, name),
        place=place.dict() if place else {},
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
