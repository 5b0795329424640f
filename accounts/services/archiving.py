"""Customers: archived rather than deleted, and let into the portal."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer
from accounts.models.people import Anyone
from audit.act import acting
from console.deleting import require_deletable, why_kept
from console.errors import Refused
from console.reach import require_reach
from console.reader import reader_for


@transaction.atomic
def archive_customer(customer: Customer, *, by: Anyone | None, reason: str = "") -> Customer:
    """Puts a customer away: out of lists and choices. Jobs, links and history stay."""
    require_reach(by, customer)
    if customer.archived_at is not None:
        raise Refused(_("%s is archived already.") % customer)
    customer.archived_at = timezone.now()
    with acting(by=by, reason=reason or None):
        customer.save(update_fields=["archived_at"])
    return customer


@transaction.atomic
def restore_customer(customer: Customer, *, by: Anyone | None, reason: str = "") -> Customer:
    """Brings an archived customer back."""
    require_reach(by, customer)
    if customer.archived_at is None:
        raise Refused(_("%s is not archived.") % customer)
    customer.archived_at = None
    with acting(by=by, reason=reason or None):
        customer.save(update_fields=["archived_at"])
    return customer


def delete_customer(customer: Customer, *, by: Anyone | None) -> None:
    """Deletes a customer on whom nothing hangs. Raises Refused, naming what does."""
    require_reach(by, customer)
    require_deletable(customer, reader_for(by))
    with transaction.atomic(), acting(by=by):
        try:
            customer.delete()
        except ProtectedError as error:
            # It came between the question and the action.
            raise Refused(why_kept(customer, reader_for(by))) from error
