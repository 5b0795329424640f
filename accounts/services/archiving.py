"""Customers: archived rather than deleted, and let into the portal."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer
from accounts.services.portal_users import Invited, invite_portal_user
from audit.act import acting
from permissions.errors import Refused


@transaction.atomic
def archive_customer(customer: Customer, *, by: Any, reason: str = "") -> Customer:
    """Puts a customer away: out of lists and choices. Jobs, links and history stay."""
    if customer.archived_at is not None:
        raise Refused(_("%s is archived already.") % customer)
    customer.archived_at = timezone.now()
    with acting(by=by, reason=reason or None):
        customer.save(update_fields=["archived_at"])
    return customer


@transaction.atomic
def restore_customer(customer: Customer, *, by: Any, reason: str = "") -> Customer:
    """Brings an archived customer back."""
    if customer.archived_at is None:
        raise Refused(_("%s is not archived.") % customer)
    customer.archived_at = None
    with acting(by=by, reason=reason or None):
        customer.save(update_fields=["archived_at"])
    return customer


@transaction.atomic
def delete_customer(customer: Customer, *, by: Any) -> None:
    """Deletes a customer on whom nothing hangs. Raises Refused, naming what does."""
    hanging = what_hangs_on(customer)
    if hanging:
        raise Refused(
            _("%(customer)s cannot be deleted: %(hanging)s. Archive it instead.")
            % {"customer": customer, "hanging": ", ".join(hanging)}
        )
    with acting(by=by):
        try:
            customer.delete()
        except ProtectedError as error:
            raise Refused(
                _("%(customer)s cannot be deleted: %(count)d records need it. Archive it instead.")
                % {"customer": customer, "count": len(error.protected_objects)}
            ) from error


def what_hangs_on(customer: Customer) -> list[str]:
    """What would be lost with a customer, in words and numbers: "12 jobs", "3 portal users"."""
    hanging = []
    for relation in customer._meta.related_objects:
        name = relation.get_accessor_name()
        own = relation.related_model._meta.model_name in ("contact", "location") or relation.hidden
        if own or not name or relation.related_model._meta.app_label == "permissions":
            continue
        count = getattr(customer, name).count() if relation.multiple else int(hasattr(customer, name))
        if count:
            meta = relation.related_model._meta  # type: ignore[union-attr]
            hanging.append(f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}")
    return hanging


def enable_portal(customer: Customer, *, email: str, name: str = "", by: Any) -> Invited:
    """CurbWaste's way: name a login e-mail, and she is found or made, linked, and sent a "Create password" mail."""
    return invite_portal_user(email=email, name=name, customers=[customer], by=by)
