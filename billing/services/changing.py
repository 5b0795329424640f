"""Changing a pending document, and throwing it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audit.act import acting
from audit.locks import lock_rows
from billing.billable import profiles_of
from billing.choices import LineSource
from billing.models import BillingSettings, Invoice, InvoiceLine, TaxCode
from billing.services.making import MAX_LINES
from billing.services.sums import country_of_tax, work_out
from billing.tax import Taxes
from console.errors import Conflict, Refused
from console.reach import By, require_reach
from jobs.models import Job
from jobs.services import release_from_billing
from templates_app.choices import Unit

# What of a document's head is changed by hand.
EDITABLE = frozenset(
    {"po_number", "buyer_reference", "terms", "language", "introduction", "footer", "service_from", "service_to"}
)


@dataclass(frozen=True)
class WantedLine:
    """A line as it shall be. ``key``: of the line that it changes, None for a new one; ``location`` and order stay."""

    key: int | None
    description: str
    quantity: Decimal
    unit: Unit
    unit_price: Decimal
    tax_code: TaxCode


def lock_orders(invoice: Invoice) -> None:
    """Lock the orders that a document is for: the first of what is locked, before account, document and counter."""
    lock_rows(Job, invoice.invoice_jobs.values_list("job_id", flat=True))


def locked_document(invoice: Invoice, *, by: By) -> Invoice:
    """The document as it stands in the database, locked until the transaction ends, for ``by`` to change; its orders
    before it, as everybody does who locks both.

    Raises Refused when it is gone, NotAllowed when its customer is not in what was granted to ``by``.
    """
    lock_orders(invoice)
    found: Invoice | None = (
        Invoice.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=invoice.pk).first()
    )
    if found is None:
        raise Refused(_("This invoice no longer exists: somebody has discarded it."))
    require_reach(by, found)
    return found


def lines_of(invoice: Invoice) -> list[InvoiceLine]:
    """Its lines in order, with what the arithmetic asks of them."""
    return list(invoice.lines.select_related("job", "tax_code").order_by("position"))


def change_invoice(
    invoice: Invoice,
    changes: Mapping[str, Any],
    *,
    by: By,
    lines: Sequence[WantedLine] | None = None,
    seen: str = "",
) -> Invoice:
    """Changes what a pending document says; amounts follow. An order of which no line is left can be billed again.

    ``changes``: {field of EDITABLE: value}. ``lines``: all of them as they shall be, in order; None leaves them.
    ``seen``: the document's ``state_of`` as the form showed it. Raises KeyError for a field that is not changed here,
    ValidationError for values, Conflict where it says something else by now, Refused where it is posted.
    """
    if unknown := set(changes) - EDITABLE:
        raise KeyError(f"not changed by change_invoice: {sorted(unknown)}")
    with transaction.atomic(), acting(by=by):
        invoice = locked_document(invoice, by=by)
        _require_pending(invoice)
        before = lines_of(invoice)
        if seen and seen != state_of(invoice, before):
            raise Conflict(_("Somebody else has changed this invoice meanwhile. Look again, then make your changes."))
        for name, value in changes.items():
            setattr(invoice, name, value)
        if invoice.service_from and invoice.service_to and invoice.service_from > invoice.service_to:
            raise ValidationError({"service_to": _("The service ends before it begins.")})
        after = before if lines is None else _changed_lines(invoice, before, lines)
        profile = profiles_of([invoice.customer_id]).get(invoice.customer_id)
        work_out(invoice, after, Taxes(country_of_tax(BillingSettings.load())), profile)
        save_lines(invoice, before, after)
        if lines is not None:
            _release_orders_without_lines(invoice, after)
        invoice.save()
        return invoice


def _release_orders_without_lines(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    gone = invoice.invoice_jobs.exclude(job__in={line.job_id for line in lines if line.job_id is not None})
    release_from_billing(list(gone.values_list("job_id", flat=True)))
    gone.delete()


def state_of(invoice: Invoice, lines: Sequence[InvoiceLine]) -> str:
    """What a form was made from, in short: two states that differ have different words."""
    from billing.sealing import seal_of

    return seal_of(invoice, lines, "")[:16]


def _require_pending(invoice: Invoice) -> None:
    if not invoice.is_pending:
        raise Refused(_("%s is posted: what it says stays. Credit it instead.") % invoice)


def _changed_lines(invoice: Invoice, before: Sequence[InvoiceLine], wanted: Sequence[WantedLine]) -> list[InvoiceLine]:
    if len(wanted) > MAX_LINES:
        raise Refused(_("An invoice has %s lines at most.") % number_format(MAX_LINES, 0))
    known = {line.pk: line for line in before}
    after = []
    for want in wanted:
        if want.key is None:
            line = InvoiceLine(invoice=invoice, source=LineSource.HAND)
        elif want.key in known:
            line = known.pop(want.key)
        else:
            raise Conflict(_("Somebody else has removed one of these lines. Look again."))
        line.description, line.quantity, line.unit = want.description, want.quantity, want.unit
        line.unit_price, line.tax_code = want.unit_price, want.tax_code
        after.append(line)
    return after


def save_lines(invoice: Invoice, before: Sequence[InvoiceLine], after: Sequence[InvoiceLine]) -> None:
    """Saves the lines that differ, in their new order; those that are not among them go."""
    stays = {line.pk for line in after}
    for line in before:
        if line.pk not in stays:
            line.delete()
    # Two lines never have one position, not even while they change places.
    aside = len(before) + len(after)
    moved = [line for place, line in enumerate(after, start=1) if line.pk and line.position != place]
    for offset, line in enumerate(moved, start=1):
        InvoiceLine.objects.filter(pk=line.pk).update(position=aside + offset)
    stored = {line.pk: line for line in InvoiceLine.objects.filter(invoice=invoice)}
    for place, line in enumerate(after, start=1):
        line.position = place
        if line.pk is None or _differs(line, stored[line.pk]):
            line.save()


def _differs(line: InvoiceLine, stored: InvoiceLine) -> bool:
    names = [field.attname for field in InvoiceLine._meta.concrete_fields]
    return any(getattr(line, name) != getattr(stored, name) for name in names)


def discard_invoice(invoice: Invoice, *, by: By, reason: str = "") -> None:
    """Throws a pending document away; its orders can be billed anew, and its history stays. Raises Refused for a
    posted one."""
    with transaction.atomic(), acting(by=by, reason=reason or None):
        invoice = locked_document(invoice, by=by)
        _require_pending(invoice)
        release_from_billing(list(invoice.invoice_jobs.values_list("job_id", flat=True)))
        invoice.delete()
