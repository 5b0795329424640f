"""By which words a document is found."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from billing.models import Invoice, InvoiceLine, Payment
from jobs.search_text import search_text

PIECE = 500


def search_text_of_document(invoice: Invoice, lines: Iterable[InvoiceLine]) -> str:
    """Number, PO number, customer, and of each order its number, external ID, asset and address; each once."""
    words: dict[str, None] = dict.fromkeys(filter(None, (invoice.number, invoice.po_number, invoice.customer.name)))
    for line in lines:
        if line.job is not None:
            facts: tuple[str | None, ...] = (line.job.number,)
            # An order that was released may be somebody else's by now.
            if line.job.customer_id == invoice.customer_id:
                facts += (line.job.external_id, line.job.asset_id, line.job.address)
            words |= dict.fromkeys(filter(None, facts))
    return search_text(words, "")


def write_texts_of_documents(customers: Collection[int]) -> None:
    """Write anew by which words the documents of these customers (primary keys) are found."""
    _write_documents(Invoice.objects.filter(customer__in=customers))


def write_texts_of_moved_documents(keys: Collection[int]) -> None:
    """The same for these documents (primary keys), which are another customer's now."""
    _write_documents(Invoice.objects.filter(pk__in=keys))


def _write_documents(rows: QuerySet[Invoice]) -> None:
    invoices = rows.select_related("customer").order_by("pk")
    changed: list[Invoice] = []
    for invoice in invoices.prefetch_related("lines__job").iterator(chunk_size=PIECE):
        text = search_text_of_document(invoice, invoice.lines.all())
        if text != invoice.search_text:
            invoice.search_text = text
            changed.append(invoice)
        if len(changed) == PIECE:
            Invoice.objects.bulk_update(changed, ["search_text"])
            changed.clear()
    if changed:
        Invoice.objects.bulk_update(changed, ["search_text"])


def search_text_of_payment(payment: Payment) -> str:
    """Number, customer, payer and their reference; each once."""
    words = (payment.number, payment.customer.name, payment.payer_name, payment.their_reference)
    return search_text(dict.fromkeys(filter(None, words)), "")


def write_texts_of_payments(customers: Collection[int]) -> None:
    """Write anew by which words the payments of these customers (primary keys) are found."""
    _write_payments(Payment.objects.filter(customer__in=customers))


def write_texts_of_moved_payments(keys: Collection[int]) -> None:
    """The same for these payments (primary keys), which are another customer's now."""
    _write_payments(Payment.objects.filter(pk__in=keys))


def _write_payments(rows: QuerySet[Payment]) -> None:
    changed = []
    for payment in rows.select_related("customer").order_by("pk"):
        text = search_text_of_payment(payment)
        if text != payment.search_text:
            payment.search_text = text
            changed.append(payment)
    Payment.objects.bulk_update(changed, ["search_text"], batch_size=PIECE)
