"""What jobs, series and links are called in an address, and the customer that a new job is for."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext as _
from ninja import P, PathEx

from accounts.api.references import make_customer
from accounts.api.schemas import ContactIn, CustomerRef
from accounts.models import Customer, User
from accounts.services.named_customers import one_name_at_a_time
from api.references import find_record
from api.types import Day
from audit.normal_form import tidy
from console.errors import Conflict, NotAllowed
from jobs.services import one_at_a_time

# What stands in an address, and how the document explains it.
JobRef = PathEx[str, P(description="The job's number, or `external:` and its external ID.")]
SeriesId = PathEx[str, P(description="The series' id.")]
LinkId = PathEx[str, P(description="The portal link's id.")]
SkippedDay = PathEx[Day, P(description="The skipped date.")]
StepKey = PathEx[str, P(description="The step's key, as the job's `steps` name it.")]


def customer_of(user: User, wanted: CustomerRef, contact: ContactIn) -> Customer:
    """The customer that is meant; made when there is none of that name, her site contact from the job's contact.

    Raises ValidationError for one there is not, Conflict when several bear the name, NotAllowed when the person may
    not make customers.
    """
    known = _known(user, wanted)
    if known is not None:
        return known
    name = tidy(wanted.name or "")
    if wanted.id is not None or not name:
        raise ValidationError({"customer": [_("There is no such customer. A new one needs a name.")]})
    if not user.has_perm("accounts.add_customer") or user.only_granted_customers:
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


def _known(user: User, wanted: CustomerRef) -> Customer | None:
    # Archived ones too: to be refused by their names, and not to be made a second time.
    seen = Customer.objects.visible_to(user)
    if wanted.id is not None:
        try:
            return find_record(seen, wanted.id, key="pk")
        except Http404:
            return None
    if wanted.external_id:
        return seen.filter(external_id=wanted.external_id).first()
    name = tidy(wanted.name or "")
    alike = list(seen.filter(name_key=name).order_by(F("archived_at").desc(nulls_first=True))[:2]) if name else []
    if len(alike) > 1 and alike[1].archived_at is None:
        raise Conflict(_("Several customers are called “%s”. Name one by its id.") % name)
    return alike[0] if alike else None
