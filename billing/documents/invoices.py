"""Invoices and credit notes as PDF."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import override

from billing.billable import profiles_of
from billing.documents.render import Rendered, render
from billing.documents.wording import invoice_words
from billing.models import BillingSettings, Invoice
from billing.services.post import buyer_of
from business.models import PortalSettings

_TEMPLATE = "invoice.typ"


def invoice_pdf(invoice: Invoice) -> bytes:
    """A document on paper, in its own language; a pending one says that it is a draft.

    Made anew each time: what was posted is kept by ``document_of``. Raises PdfFailed.
    """
    return rendered_invoice(invoice).content


def rendered_invoice(invoice: Invoice) -> Rendered:
    """The same, with the standards that it keeps."""
    return render(_TEMPLATE, _data(invoice), at=invoice.posted_at or timezone.now())


def document_file_name(invoice: Invoice) -> str:
    """What its file is called: by its number; "preview.pdf" while it has none."""
    return f"{invoice.number or 'preview'}.pdf"


def _data(invoice: Invoice) -> dict[str, Any]:
    settings = BillingSettings.load()
    seller, buyer = invoice.seller, invoice.buyer
    if invoice.is_pending:
        seller = settings.as_printed()
        buyer = buyer_of(invoice, settings, profiles_of([invoice.customer_id]).get(invoice.customer_id))
    with override(invoice.language):
        return invoice_words(
            invoice,
            list(invoice.lines.order_by("position")),
            seller=seller,
            buyer=buyer,
            business=PortalSettings.load(),
            corrected=invoice.corrects,
        )
