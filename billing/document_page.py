"""What the page of a document tells: its words and lines, why each tax, its sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.models import Customer
from audit.reader import Reader
from billing.billable import profiles_of
from billing.models import BillingSettings, Invoice, InvoiceLine
from billing.services.post import buyer_of
from billing.services.sums import tax_day_of
from billing.tax import why_this_tax
from jobs.models import Job


@dataclass(frozen=True)
class ShownLine:
    """A line, its order for who may see that, and why it has its tax."""

    line: InvoiceLine
    job_link: str
    job_number: str
    because: str
    opens: bool


def document_context(invoice: Invoice, lines: Sequence[InvoiceLine], reader: Reader) -> dict[str, object]:
    """What the page of a document shows, for a reader. Costs the same however many lines there are."""
    profile = profiles_of([invoice.customer_id]).get(invoice.customer_id)
    seen: frozenset[int] = frozenset()
    if reader.reads(Job):
        seen = reader.visible_keys(Job, {line.job_id for line in lines if line.job_id is not None})
    shown, heading = [], ""
    for line in lines:
        job = line.job if line.job_id in seen else None
        shown.append(
            ShownLine(
                line,
                reverse("admin:jobs_job_change", args=[job.pk]) if job is not None else "",
                job.number if job is not None else "",
                why_this_tax(line.tax_code, line.tax_rate, tax_day_of(line, invoice), profile),
                line.heading != heading,
            )
        )
        heading = line.heading
    buyer = invoice.buyer or buyer_of(invoice, BillingSettings.load(), profile)
    groups = [
        group | {"base": Decimal(group["base"]), "tax": Decimal(group["tax"]), "rate": Decimal(group["rate"])}
        for group in invoice.tax_groups
    ]
    return {
        "invoice": invoice,
        "paper": invoice.documents.filter(remade_at__isnull=False).first(),
        # Of the same customer, so whoever sees the one may see the others.
        "corrections": list(invoice.corrections.order_by("pk")),
        "buyer": buyer,
        "shown_lines": shown,
        "tax_groups": groups,
        "sees_customer": reader.reads(Customer) and reader.may_see(invoice.customer),
        "has_address": bool(buyer.get("street") and buyer.get("city")),
    }
