"""Documents, payments and customers as programs name them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from ninja import P, PathEx

from accounts.models import Customer, User
from api.references import find_record
from audit.one_line import is_storable
from billing.api.schemas import AllocationIn
from billing.models import Invoice

# What stands in an address, and how the document explains it.
DocumentNumber = PathEx[str, P(description="The document's number, or its reference.")]
PaymentNumber = PathEx[str, P(description="The payment's number, or its reference.")]

Numbered = TypeVar("Numbered", bound=models.Model)


def numbered(rows: QuerySet[Numbered], reference: str) -> Numbered:
    """The document or payment with that number or reference. Raises Http404."""
    found = rows.filter(Q(number=reference) | Q(reference=reference)).first() if is_storable(reference) else None
    if found is None:
        raise Http404
    return found


def customer_by_reference(user: User, reference: str) -> Customer:
    """The customer of that id or external ID that this person may see. Raises ValidationError."""
    try:
        return find_record(Customer.objects.visible_to(user), reference, key="pk")
    except Http404:
        raise ValidationError({"customer": [_("There is no such customer: %s.") % reference]}) from None


def wanted_parts(user: User, allocations: Sequence[AllocationIn], *, oldest_first: bool) -> dict[int, Decimal]:
    """What goes to which invoice, by its primary key. One query. Raises ValidationError for one that this person does
    not see or that is named twice, and where they are named though the oldest are meant."""
    if allocations and oldest_first:
        raise ValidationError({"oldest_first": [_("Name the invoices, or say oldest_first, not both.")]})
    names = [one.invoice for one in allocations]
    rows = Invoice.objects.visible_to(user).filter(Q(number__in=names) | Q(reference__in=names))
    known = {name: key for key, *both in rows.values_list("pk", "number", "reference") for name in both}
    parts: dict[int, Decimal] = {}
    for one in allocations:
        if one.invoice not in known:
            raise ValidationError({"allocations": [_("There is no such invoice: %s.") % one.invoice]})
        if known[one.invoice] in parts:
            raise ValidationError({"allocations": [_("Name the invoices once each: %s.") % one.invoice]})
        parts[known[one.invoice]] = one.amount
    return parts
