"""The people and places of a customer: saved and deleted together, as they stand on its page."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.contact_changes import ContactChange, changes_between, snapshots
from accounts.models import Contact, Customer, Location
from accounts.models.people import Anyone
from audit.act import acting
from console.errors import Refused
from console.reach import require_reach


def change_contacts(
    customer: Customer, *, by: Anyone | None, saved: Sequence[Contact] = (), deleted: Sequence[Contact] = ()
) -> list[ContactChange]:
    """Saves new and changed contacts of a customer and deletes others, whoever had which role before.

    Returns whom one asks for now instead of whom; whether jobs that are open follow is the caller's to ask, and
    ``accounts.contact_copies.follow_contacts`` does it. Raises NotAllowed for a customer not granted to ``by``, Refused
    for a second contact of one role.
    """
    require_reach(by, customer)
    try:
        with transaction.atomic(), acting(by=by):
            before = snapshots(Contact.objects.select_for_update(of=("self",)).filter(customer=customer).order_by("pk"))
            for contact in deleted:
                contact.delete()
            # A role that changes hands is nobody's for a moment: the database allows one of each at a time.
            known = Contact.objects.filter(pk__in=[contact.pk for contact in saved if contact.pk is not None])
            known.update(is_site_contact=False, is_billing_contact=False)
            for contact in saved:
                contact.customer = customer
                contact.save()
            return changes_between(before, snapshots(Contact.objects.filter(customer=customer).order_by("pk")))
    except IntegrityError as error:
        raise Refused(_("This customer has such a contact already: one for the site, one for invoices.")) from error


def save_location(location: Location, *, by: Anyone | None) -> Location:
    """Saves a new location of a customer, or a changed one. Raises NotAllowed for a customer not granted to ``by``."""
    require_reach(by, location.customer)
    with transaction.atomic(), acting(by=by):
        location.save()
        return location


def delete_location(location: Location, *, by: Anyone | None) -> None:
    """Removes a location for good; jobs keep the address they name.

    Raises NotAllowed as ``save_location`` does, Refused where a document is of it and of another that is gone: what was
    owed for the two could not be told apart.
    """
    require_reach(by, location.customer)
    try:
        with transaction.atomic(), acting(by=by):
            location.delete()
    except IntegrityError as error:
        raise Refused(
            _("Invoices name %s beside a location that is gone: it stays, so that one knows what was owed for which.")
            % location
        ) from error
