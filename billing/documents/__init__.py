"""Documents as PDF: invoices and credit notes, kept once they are posted, and receipts of orders."""

from billing.documents.invoices import file_name_of, invoice_pdf, invoice_pictures

__all__ = ["file_name_of", "invoice_pdf", "invoice_pictures"]
