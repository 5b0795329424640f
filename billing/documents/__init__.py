"""Documents as PDF: invoices and credit notes, kept once they are posted, and receipts of orders
and payments."""

from billing.documents.invoices import document_file_name as file_name_of
from billing.documents.invoices import invoice_pdf
from billing.documents.receipts import order_receipt, payment_receipt
from billing.documents.storing import document_of, keep_posted_documents, paper_of

__all__ = [
    "document_of",
    "file_name_of",
    "invoice_pdf",
    "keep_posted_documents",
    "order_receipt",
    "paper_of",
    "payment_receipt",
]
