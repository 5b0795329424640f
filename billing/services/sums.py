"""What a pending document adds up to, worked out anew whenever one of its lines changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.amounts import amounts_of
from billing.billable import service_day
from billing.choices import TaxTreatment
from billing.models import BillingProfile, BillingSettings, Invoice, InvoiceLine
from billing.searching import search_text_of_document
from billing.tax import Taxes
from console.errors import Refused
from money.minor import MOST


def tax_day_of(line: InvoiceLine, invoice: Invoice) -> date:
    """The day whose rate counts for a line: that of its order, else the end of the service, the date, today."""
    if line.job is not None:
        return service_day(line.job)
    return invoice.service_to or invoice.issued_on or timezone.localdate()


def country_of_tax(settings: BillingSettings) -> str:
    """The country whose taxes hold: the seller's."""
    return settings.seller_country


def work_out(
    invoice: Invoice, lines: Sequence[InvoiceLine], taxes: Taxes, profile: BillingProfile | None = None
) -> None:
    """Give lines and document their amounts, rates and dates of service. Saves nothing; asks for no query where the
    lines' orders are loaded. Raises Refused where a rate is not known."""
    for line in lines:
        line.tax_category = line.tax_code.category
        line.tax_rate = taxes.rate_on(line.tax_code, tax_day_of(line, invoice))
    sums = amounts_of([line.priced() for line in lines], prices_include_tax=invoice.prices_include_tax)
    for line, amounts in zip(lines, sums.lines, strict=True):
        line.printed, line.net, line.tax_share, line.gross = amounts.printed, amounts.net, amounts.tax, amounts.gross
    invoice.tax_groups = []
    for group in sums.groups:
        its = [line for line in lines if (line.tax_category, line.tax_rate) == (group.category, group.rate)]
        invoice.tax_groups.append(
            {
                "category": str(group.category),
                "rate": f"{group.rate:.2f}",
                "name": _each_once(line.tax_code.name for line in its),
                "base": f"{group.base:.2f}",
                "tax": f"{group.tax:.2f}",
                "reason": _each_once(_reason(line, profile) for line in its),
                # Electronic invoices take one.
                "reason_code": next(filter(None, (line.tax_code.reason_code for line in its)), ""),
            }
        )
    invoice.net, invoice.tax, invoice.total = sums.net, sums.tax, sums.total
    _require_an_amount(invoice, lines)
    invoice.balance = invoice.total - invoice.settled
    days = [service_day(line.job) for line in lines if line.job is not None]
    if days:
        invoice.service_from, invoice.service_to = min(days), max(days)
    places = {line.location_id for line in lines}
    invoice.location_id = places.pop() if len(places) == 1 else None
    invoice.search_text = search_text_of_document(invoice, lines)


def _require_an_amount(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """What the table takes; raises Refused for less than nothing, and for more than anybody owes."""
    if invoice.total < 0:
        raise Refused(_("%s: the total is below zero. What a customer gets back is a credit note.") % invoice.customer)
    if any(abs(amount) >= MOST for line in lines for amount in (line.printed, line.gross)) or invoice.total >= MOST:
        raise Refused(_("%s: this comes to more than an invoice can.") % invoice.customer)


def _each_once(texts: Iterable[str]) -> str:
    """What several taxes of one group say, in the order of their lines."""
    return "; ".join(dict.fromkeys(filter(None, texts)))


def _reason(line: InvoiceLine, profile: BillingProfile | None) -> str:
    """Why no tax is charged: the customer's own reason where that is what freed it."""
    if line.tax_category == "E" and profile is not None and profile.tax_treatment == TaxTreatment.EXEMPT:
        return profile.exemption_reason or line.tax_code.reason
    return line.tax_code.reason
