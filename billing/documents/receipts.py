"""The receipt of an order: what was done where, and what it came to. That of a payment: what it settled."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from billing.models import Payment, Refund
from billing.settled import settled_of
from business.models import PortalSettings
from jobs.choices import BEING_BILLED
from jobs.models import Job
from jobs.pdf import continued
from money import format_money
from paper.pdf import cut_to, render_pdf
from templates_app.choices import Unit
from templates_app.prices import PriceLine, plain_number

# As on a job sheet: the time that a page takes has a limit (docs/decisions/0088-paper.md).
_ROWS, _LINES, _SIGNS = 200, 20, 1000


def order_receipt(job: Job, *, business: PortalSettings | None = None) -> bytes:
    """An order with its price, as a PDF in the language of the moment; for those who may see invoices.

    It holds nothing of what the office notes. Needs ``template``, ``customer`` and ``location`` loaded. Raises
    paper.pdf.PdfFailed.
    """
    lines = job.lines()
    day = job.completed_at or job.planned_start or job.requested_start
    context = {
        "job": job,
        "day": date_format(timezone.localtime(day), "DATE_FORMAT") if day else "",
        "address": cut_to(_LINES, _SIGNS, job.address, continued=continued()),
        "lines": [_in_words(line, job.currency) for line in lines[:_ROWS]],
        "more_lines": len(lines) > _ROWS,
        "continued": continued(),
        "amount": "" if job.amount is None else format_money(job.amount, job.currency),
        "total_words": _("Total, with tax") if job.prices_include_tax else _("Total, before tax"),
        "invoice": "" if job.billed_as == BEING_BILLED else job.billed_as,
    }
    return render_pdf("billing/pdf/order_receipt.html", context, business=business)


def payment_receipt(payment: Payment, *, business: PortalSettings | None = None) -> bytes:
    """A payment that was booked, as a PDF in the language of the moment: what it settled, what went back, what is left
    of it; for those who may see invoices.

    It holds nothing of what the office notes. Needs ``customer`` loaded. Raises paper.pdf.PdfFailed.
    """
    settled = settled_of([payment]).get(payment.pk, [])
    refunds = list(payment.refunds.order_by("pk")[: _ROWS + 1])
    context = {
        "payment": payment,
        "amount": format_money(payment.amount, payment.currency),
        "rows": [
            (date_format(one.on, "DATE_FORMAT"), one.number, format_money(one.amount, payment.currency))
            for one in settled[:_ROWS]
        ],
        "more_rows": len(settled) > _ROWS,
        "refunds": [_refund_in_words(one) for one in refunds[:_ROWS]],
        "more_refunds": len(refunds) > _ROWS,
        "continued": continued(),
        "credit": format_money(payment.unassigned, payment.currency),
    }
    return render_pdf("billing/pdf/payment_receipt.html", context, business=business)


def _refund_in_words(refund: Refund) -> tuple[str, str, str, str]:
    return (
        date_format(refund.on, "DATE_FORMAT"),
        f"{refund}, {refund.get_method_display()}",
        format_money(refund.amount, refund.currency),
        date_format(refund.voided_on, "DATE_FORMAT") if refund.voided_on else "",
    )


def _in_words(line: PriceLine, currency: str) -> tuple[str, str, str, str]:
    return (
        line.description,
        f"{number_format(plain_number(line.quantity))} {Unit(line.unit).label}",
        format_money(line.unit_price, currency),
        format_money(line.amount, currency),
    )
