"""How a program names a record, and how it is found: by its own key, or by the ID of the program's own system."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404
from django.utils.translation import gettext as _
from ninja import P, PathEx

from accounts.models import Customer, Location, Worker
from accounts.services.customer_sheets import CustomerSheet, create_customers
from accounts.services.named_customers import one_name_at_a_time
from console.errors import Conflict, NotAllowed
from console.keys import is_key
from jobs.api.schemas import ContactIn, CustomerRef, PlaceIn
from jobs.api.shapes import Day
from jobs.services import one_at_a_time
from templates_app.models import JobTemplate
from templates_app.values import is_storable

# What stands in an address, and how the document explains it.
JobRef = PathEx[str, P(description="The job's number, or `external:` and its external ID.")]
CustomerId = PathEx[str, P(description="The customer's id, or `external:` and its external ID.")]
WorkerId = PathEx[str, P(description="The worker's id, or `external:` and its external ID.")]
TemplateSlug = PathEx[str, P(description="The template's reference.")]
SeriesId = PathEx[str, P(description="The series' id.")]
LinkId = PathEx[str, P(description="The portal link's id.")]
SkippedDay = PathEx[Day, P(description="The skipped date.")]
StepKey = PathEx[str, P(description="The step's key, as the job's `steps` name it.")]


def lookup(reference: str, *, key: str) -> dict[str, Any] | None:
    """The condition a reference stands for: its own key, or "external:" and an external ID; None for nonsense."""
    if not is_storable(reference) or len(reference) > 200:
        return None
    if reference.startswith("external:"):
        return {"external_id": reference.removeprefix("external:")}
    if key == "pk" and not is_key(reference):
        return None
    return {key: reference}


def find(queryset: Any, reference: str, *, key: str) -> Any:
    """The record with that reference. Raises Http404."""
    condition = lookup(reference, key=key)
    if condition is None or ("external_id" in condition and not hasattr(queryset.model, "external_id")):
        raise Http404
    record = queryset.filter(**condition).first()
    if record is None:
        raise Http404
    return record


def worker_of(reference: str | None) -> Worker | None:
    """The worker with that reference. Raises ValidationError."""
    if not reference:
        return None
    try:
        worker: Worker = find(Worker.objects.all(), reference, key="pk")
    except Http404:
        raise ValidationError({"worker": [_("There is no such worker: %s.") % reference]}) from None
    return worker


def template_of(user: Any, slug: str | None) -> JobTemplate | None:
    """The template with that reference, if this person may see it. Raises ValidationError."""
    if not slug:
        return None
    template = JobTemplate.objects.visible_to(user).filter(slug=slug).first()
    if template is None:
        raise ValidationError({"template": [_("There is no such template: %s.") % slug]})
    return template


def location_of(customer: Customer, reference: str | None) -> Location | None:
    """The customer's location with that id. Raises ValidationError."""
    if not reference:
        return None
    try:
        location: Location = find(customer.locations.all(), reference, key="pk")
    except Http404:
        raise ValidationError(
            {"location": [_("%(customer)s has no such location: %(id)s.") % {"customer": customer, "id": reference}]}
        ) from None
    return location


def customer_of(user: Any, wanted: CustomerRef, contact: ContactIn) -> Customer:
    """The customer that is meant; made when there is none of that name, her site contact from the job's contact.

    Raises ValidationError for one there is not, Conflict when several bear the name, NotAllowed when the person may
    not make customers.
    """
    known = _known(user, wanted)
    if known is not None:
        return known
    name = (wanted.name or "").strip()
    if wanted.id is not None or not name:
        raise ValidationError({"customer": [_("There is no such customer. A new one needs a name.")]})
    if not user.has_perm("accounts.add_customer") or getattr(user, "only_granted_customers", False):
        raise NotAllowed(
            _("There is no customer “%(name)s”, and %(who)s may not make one.") % {"name": name, "who": user}
        )
    # Two jobs for a name nobody knew yet make one customer: the second waits for the first, and finds it.
    # An import may be making it too, and takes these locks in this order.
    one_name_at_a_time()
    one_at_a_time()
    return _known(user, wanted) or make_customer(
        user, name, wanted.external_id, contact if any(contact.dict().values()) else None, None
    )


def _known(user: Any, wanted: CustomerRef) -> Customer | None:
    seen = Customer.objects.visible_to(user).current()
    if wanted.id is not None:
        try:
            found: Customer = find(seen, wanted.id, key="pk")
        except Http404:
            return None
        return found
    if wanted.external_id:
        return seen.filter(external_id=wanted.external_id).first()
    name = (wanted.name or "").strip()
    alike = list(seen.filter(name__iexact=name)[:2]) if name else []
    if len(alike) > 1:
        raise Conflict(_("Several customers are called “%s”. Name one by its id.") % name)
    return alike[0] if alike else None


def make_customer(
    user: Any,
    name: str,
    external_id: str | None,
    site: ContactIn | None,
    billing: ContactIn | None,
    *,
    place: PlaceIn | None = None,
    payment_terms: int | None = None,
) -> Customer:
    """A new customer with her contacts and a location. Raises ValidationError {field: sentences}."""
    facts: dict[str, Any] = {"name": name, "external_id": external_id or None}
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
