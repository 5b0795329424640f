"""Buttons that move money: on payments, on credit notes and on open invoices."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from billing.admin.money_dialogs import (
    AllocateDialog,
    PaymentOfInvoiceDialog,
    RefundDialog,
    WriteOffDialog,
    what_putting_does,
)
from billing.choices import DocumentKind, PaymentMethod
from billing.models import Invoice, Payment, Refund
from billing.services import allocate, left_of_credit, record_payment, refund, write_off
from console.errors import Refused
from console.kit import console_action, note_made
from money import format_money


def has_credit(record: Payment | Invoice) -> bool:
    """Is something left of a payment, or of a posted credit note?"""
    if isinstance(record, Invoice) and (record.is_pending or record.kind != DocumentKind.CREDIT_NOTE):
        return False
    return bool(left_of_credit(record))


class CreditButtons:
    """For the pages of whatever settles invoices."""

    @console_action(
        permission="billing.allocate_payment",
        description=gettext_lazy("Put to invoices"),
        text=what_putting_does,
        submit=gettext_lazy("Put to these invoices"),
        form_class=AllocateDialog,
        possible=has_credit,
        icon="join_inner",
        on_a_page=True,
    )
    def allocate(self, request: HttpRequest, credit: Payment | Invoice, form: AllocateDialog) -> str:
        parts = form.amounts()
        if not parts:
            raise Refused(_("Write how much goes to which invoice."))
        allocate(credit, parts, by=request.user)
        return ngettext("%(sum)s settles %(count)d invoice.", "%(sum)s settles %(count)d invoices.", len(parts)) % {
            "sum": format_money(sum(parts.values()), credit.currency),
            "count": len(parts),
        }

    @console_action(
        permission="billing.refund_payment",
        description=gettext_lazy("Refund"),
        text=gettext_lazy("Note down money that you sent back: Portico sends none by itself."),
        form_class=RefundDialog,
        possible=has_credit,
        icon="currency_exchange",
    )
    def refund(self, request: HttpRequest, credit: Payment | Invoice, form: RefundDialog) -> str:
        made = refund_as_said(credit, form, request)
        note_made(request, made)
        return told_of_refund(made, credit)


class InvoiceMoneyButtons(CreditButtons):
    """For the page of documents: credit notes, and invoices on which money is still to come."""

    @console_action(
        permission="billing.record_payment",
        description=gettext_lazy("Record a payment"),
        text=gettext_lazy("Money that came for this invoice."),
        submit=pgettext_lazy("money, to do", "Record"),
        form_class=PaymentOfInvoiceDialog,
        possible=lambda invoice: invoice.is_open,
        icon="add_card",
        on_a_page=True,
    )
    def pay(self, request: HttpRequest, invoice: Invoice, form: PaymentOfInvoiceDialog) -> str:
        said = form.cleaned_data
        payment = record_payment(
            invoice.customer,
            said["amount"],
            by=request.user,
            currency=invoice.currency,
            method=PaymentMethod(said["method"]),
            received_on=said["day"],
            payer_name=said["payer_name"],
            their_reference=said["their_reference"],
            note=said["note"],
            parts={invoice.pk: min(said["amount"], invoice.balance)},
        )
        note_made(request, payment)
        return what_was_recorded(payment)

    @console_action(
        permission="billing.record_writeoff",
        description=gettext_lazy("Write off"),
        text=gettext_lazy(
            "It is settled, and nobody waits for the money any more. What becomes of the tax, your accountant says."
        ),
        form_class=WriteOffDialog,
        possible=lambda invoice: invoice.is_open,
        icon="money_off",
    )
    def write_off(self, request: HttpRequest, invoice: Invoice, form: WriteOffDialog) -> str:
        made = write_off(
            invoice, by=request.user, reason=form.cleaned_data["reason"], amount=form.cleaned_data["amount"]
        )
        note_made(request, made)
        return _("%(made)s: %(sum)s of %(invoice)s is written off.") % {
            "made": made,
            "sum": format_money(made.amount, made.currency),
            "invoice": invoice,
        }


def what_was_recorded(payment: Payment) -> str:
    """What was recorded, what it settles, and what is left over, in sentences."""
    said = _("%(payment)s: %(sum)s is recorded.") % {
        "payment": payment,
        "sum": format_money(payment.amount, payment.currency),
    }
    if payment.allocated:
        said += " " + _("%s settles invoices.") % format_money(payment.allocated, payment.currency)
    if payment.unassigned:
        said += " " + _("%s is the customer's credit.") % format_money(payment.unassigned, payment.currency)
    return said


def refund_as_said(credit: Payment | Invoice, form: RefundDialog, request: HttpRequest) -> Refund:
    """The refund that a dialog asked for."""
    said = form.cleaned_data
    return refund(
        credit,
        said["amount"],
        by=request.user,
        reason=said["reason"],
        method=PaymentMethod(said["method"]),
        on=said["day"],
    )


def told_of_refund(made: Refund, credit: Payment | Invoice) -> str:
    """The sentence that says what was noted down."""
    return _("%(refund)s: %(sum)s of %(credit)s went back.") % {
        "refund": made,
        "sum": format_money(made.amount, made.currency),
        "credit": credit,
    }
