"""Documents as PDF: invoices and credit notes, kept once they are posted, receipts of orders and payments,
statements."""

from billing.documents.invoices import document_file_name as file_name_of
from billing.documents.invoices import invoice_pdf
from billing.documents.receipts import order_receipt, payment_receipt
from billing.documents.statements import fits_on_paper, statement_pdf
from billing.documents.storing import document_of, keep_posted_documents, paper_of

__all__ = [
    "document_of",
    "file_name_of",
    "fits_on_paper",
    "invoice_pdf",
    "keep_posted_documents",
    "order_receipt",
    "paper_of",
    "payment_receipt",
    "statement_pdf",
]
