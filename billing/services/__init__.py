"""What is done to documents. The only way to change one.

Each service takes who does it (``by``), is atomic, writes history along, asks whether the customer is in what was
granted to them, returns what it changed, and raises ``Refused`` with a sentence when it cannot.
"""

from billing.services.changing import WantedLine, change_invoice, discard_invoice
from billing.services.crediting import Left, credit_lines, free_orders, is_nothing_left, left_of, void_invoice
from billing.services.giving_back import refund, void_refund, void_write_off, write_off
from billing.services.making import MadeInvoices, make_invoice_by_hand, make_invoices
from billing.services.payments import allocate, left_of_credit, record_payment, release_credit, void_payment
from billing.services.post import post_invoice, why_not_posted
from billing.services.setup import (
    install_taxes,
    save_billing_settings,
    save_profile,
    save_series,
    save_tax_code,
    use_as_invoice_address,
)

__all__ = [
    "Left",
    "MadeInvoices",
    "WantedLine",
    "allocate",
    "change_invoice",
    "credit_lines",
    "discard_invoice",
    "free_orders",
    "install_taxes",
    "is_nothing_left",
    "left_of",
    "left_of_credit",
    "make_invoice_by_hand",
    "make_invoices",
    "post_invoice",
    "record_payment",
    "refund",
    "release_credit",
    "save_billing_settings",
    "save_profile",
    "save_series",
    "save_tax_code",
    "use_as_invoice_address",
    "void_invoice",
    "void_payment",
    "void_refund",
    "void_write_off",
    "why_not_posted",
    "write_off",
]
