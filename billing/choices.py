"""The fixed vocabularies of billing: what they are called, which colour their label has, what a customer reads."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DocumentKind(models.TextChoices):
    """What a numbered document is. A correction is never called Gutschrift: in German tax law that is self-billing."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class InvoiceStatus(models.TextChoices):
    """Where a document stands. Overdue is no status: it is a posted one past its day."""

    PENDING = "pending", pgettext_lazy("an invoice", "Pending")
    POSTED = "posted", _("Posted")
    PART_PAID = "part_paid", _("Partly paid")
    PAID = "paid", _("Paid")
    VOID = "void", _("Void")


# On which money is still to come.
OPEN = (InvoiceStatus.POSTED, InvoiceStatus.PART_PAID)

# Unfold's label variants. Red is for what is overdue alone.
INVOICE_STATUS_COLOURS = {
    InvoiceStatus.PENDING: "warning",
    InvoiceStatus.POSTED: "info",
    InvoiceStatus.PART_PAID: "primary",
    InvoiceStatus.PAID: "success",
    InvoiceStatus.VOID: "default",
}

# What a customer reads instead of the status.
CUSTOMER_WORDS = {
    InvoiceStatus.PENDING: _("Being prepared"),
    InvoiceStatus.POSTED: pgettext_lazy("an invoice", "Open"),
    InvoiceStatus.PART_PAID: _("Partly paid"),
    InvoiceStatus.PAID: _("Paid, thank you"),
    InvoiceStatus.VOID: pgettext_lazy("an invoice", "Cancelled"),
}


class TaxCategory(models.TextChoices):
    """The kinds of value added tax that electronic invoices know (UNTDID 5305)."""

    STANDARD = "S", _("Taxed")
    ZERO = "Z", _("Taxed at zero")
    EXEMPT = "E", pgettext_lazy("from tax", "Exempt")
    REVERSE_CHARGE = "AE", _("Reverse charge")
    INTRA_COMMUNITY = "K", _("To another country of the EU")
    EXPORT = "G", _("Export out of the EU")
    OUTSIDE = "O", _("Not subject to tax")


# Only these carry a rate above zero.
TAXED = (TaxCategory.STANDARD,)


class TaxTreatment(models.TextChoices):
    """How a customer is taxed, whatever its orders say."""

    NORMAL = "normal", _("As the price line says")
    REVERSE_CHARGE = "reverse_charge", _("Reverse charge: the customer owes the tax")
    INTRA_COMMUNITY = "intra_community", _("Supply to another country of the EU")
    EXPORT = "export", _("Export out of the EU")
    EXEMPT = "exempt", _("Exempt from tax")


class SeriesKind(models.TextChoices):
    """What a series of numbers is for."""

    INVOICE = "invoice", _("Invoices")
    CREDIT_NOTE = "credit_note", _("Credit notes")
    PAYMENT = "payment", _("Payments")
    REFUND = "refund", _("Refunds")
    WRITE_OFF = "write_off", _("Write-offs")


class EntryKind(models.TextChoices):
    """What moved a customer's account."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    WRITE_OFF = "write_off", _("Write-off")


# By which of them the customer owes more, and by which less.
OWES_MORE = (EntryKind.INVOICE, EntryKind.REFUND)


class PaymentMethod(models.TextChoices):
    """How money came, or went back."""

    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    DIRECT_DEBIT = "direct_debit", _("Direct debit")
    CHEQUE = "cheque", _("Cheque")
    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    OTHER = "other", pgettext_lazy("a way of paying", "Other")


class MoneyState(models.TextChoices):
    """What has become of money that came, or went back."""

    PENDING = "pending", pgettext_lazy("money", "On its way")
    SUCCEEDED = "succeeded", pgettext_lazy("money", "Received")
    FAILED = "failed", pgettext_lazy("money", "Failed")
    VOIDED = "voided", pgettext_lazy("money", "Taken back")


# Refunds and write-offs are not received.
REFUND_STATES = [
    (state, pgettext_lazy("money", "Sent back") if state == MoneyState.SUCCEEDED else state.label)
    for state in MoneyState
]
WRITE_OFF_STATES = [
    (MoneyState.SUCCEEDED, pgettext_lazy("money", "Written off")),
    (MoneyState.VOIDED, MoneyState.VOIDED.label),
]

# Unfold's label variants.
MONEY_STATE_COLOURS = {
    MoneyState.PENDING: "warning",
    MoneyState.SUCCEEDED: "success",
    MoneyState.FAILED: "danger",
    MoneyState.VOIDED: "default",
}


class LineSource(models.TextChoices):
    """Where a line of a document comes from."""

    PRICE_LINE = "price_line", _("Price line of the order")
    AMOUNT = "amount", _("Amount of the order")
    HAND = "hand", _("Written by hand")
