"""Money that came: recording it, putting it to invoices, and taking either back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.models import Customer
from audit.act import acting
from billing.choices import DocumentKind, MoneyState, PaymentMethod, SeriesKind
from billing.models import BillingSettings, CustomerAccount, Invoice, Payment
from billing.models.payments import unassigned_of
from billing.posting import Share, book, locked_account, reverse
from billing.searching import search_text_of_payment
from billing.services.money_rules import (
    give_money_number,
    locked_invoices,
    locked_money,
    require_day,
    require_open,
    require_same_customer,
    required_amount,
    required_reason,
    say_who_made,
)
from billing.services.post import locked_with_account
from billing.services.settling import put_to_invoice, take_from_invoice
from console.errors import Refused
from console.reach import By, require_reach
from money.minor import ZERO

# What of a payment or a credit note goes to which invoice, by the invoice's primary key.
Parts = Mapping[int, Decimal]


def record_payment(
    customer: Customer,
    amount: Decimal,
    *,
    by: By,
    currency: str = "",
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
    received_on: date | None = None,
    payer_name: str = "",
    their_reference: str = "",
    note: str = "",
    parts: Parts | None = None,
    oldest_first: bool = False,
) -> Payment:
    """A payment that came, booked with its number, of the day it was received (today) and that currency (the
    business's). ``parts``: what goes to which invoice; ``oldest_first``: all of it, to what was due first. What is
    left over is the customer's credit.

    Raises Refused with the sentence, NotAllowed for a customer that was not granted, ValidationError for texts.
    """
    with transaction.atomic(), acting(by=by):
        require_reach(by, customer)
        settings = BillingSettings.load()
        amount, on = required_amount(amount), received_on or timezone.localdate()
        require_day(on, settings)
        account = locked_account(customer.pk, currency or settings.currency)
        if not Customer.objects.filter(pk=customer.pk).exists():
            raise Refused(_("This customer was merged into another meanwhile. Try again."))
        payment = Payment(
            customer=customer,
            currency=account.currency,
            amount=amount,
            on=on,
            method=method,
            payer_name=payer_name,
            their_reference=their_reference,
            note=note,
        )
        say_who_made(payment)
        payment.clean_fields(exclude=["series", "number"])
        unassigned_of(payment)
        give_money_number(payment, SeriesKind.PAYMENT)
        payment.search_text = search_text_of_payment(payment)
        payment.save()
        book(payment, [Share(None, amount)], on, account)
        if oldest_first:
            parts = oldest_parts(account, amount)
        if parts:
            _put_to(payment, account, parts, by=by)
        return payment


def oldest_parts(account: CustomerAccount, amount: Decimal) -> dict[int, Decimal]:
    """So much, put to the open invoices of an account: to what was due first, whole, until nothing is left.

    {the invoice's primary key: amount}; what all of them do not need is not in it.
    """
    invoices = Invoice.objects.open().filter(customer=account.customer_id, currency=account.currency)
    parts = {}
    for key, balance in invoices.order_by("due_on", "issued_on", "pk").values_list("pk", "balance"):
        if amount <= 0:
            break
        parts[key] = min(amount, balance)
        amount -= parts[key]
    return parts


def allocate(credit: Payment | Invoice, parts: Parts | None, *, by: By) -> Payment | Invoice:
    """Put what is left of a payment, or of a credit note, to invoices; ``parts`` None: to what was due first.

    Returns the credit. Raises Refused where there is not so much, or not so much is open.
    """
    with transaction.atomic(), acting(by=by):
        account, credit = locked_credit(credit, by=by)
        left = left_of_credit(credit)
        if not left:
            raise Refused(_("Nothing is left of %s to put to an invoice.") % credit)
        if parts is None:
            parts = oldest_parts(account, left)
            if not parts:
                raise Refused(_("%s has no open invoice: it stays credit.") % credit.customer)
        _put_to(credit, account, parts, by=by)
        return credit


def release_credit(credit: Payment | Invoice, invoices: Iterable[Invoice], *, by: By, reason: str) -> Payment | Invoice:
    """Take back what a payment or a credit note settled of these invoices: they are open again, and it is credit.

    What a credit note took from the invoice that it corrects stays. Raises Refused where there is nothing to take back.
    """
    with transaction.atomic(), acting(by=by, reason=required_reason(reason)):
        account, credit = locked_credit(credit, by=by)
        found = locked_invoices([invoice.pk for invoice in invoices], account, by=by)
        today = timezone.localdate()
        for invoice in found.values():
            if isinstance(credit, Invoice) and credit.corrects_id == invoice.pk:
                raise Refused(_("%(note)s corrects %(invoice)s: that stays.") % {"note": credit, "invoice": invoice})
            if not take_from_invoice(credit, invoice, today):
                raise Refused(_("%(credit)s settles nothing of %(invoice)s.") % {"credit": credit, "invoice": invoice})
        return credit


def void_payment(payment: Payment, *, by: By, reason: str) -> Payment:
    """Take a payment back: typed wrongly, or a cheque that bounced. What it settled is open again, today.

    Raises Refused where some of it was refunded, where it was taken back already, and while the books of today are
    closed.
    """
    with transaction.atomic(), acting(by=by, reason=required_reason(reason)):
        account, payment = locked_money(payment, by=by)
        if not payment.is_booked:
            raise Refused(_("%s is not in the ledger: there is nothing to take back.") % payment)
        if payment.refunded:
            raise Refused(_("Some of %s was refunded. Take the refund back first.") % payment)
        today = timezone.localdate()
        require_day(today, BillingSettings.load())
        keys = payment.allocations.order_by().values_list("invoice", flat=True).distinct()
        for invoice in locked_invoices(sorted(keys), account, by=None).values():
            take_from_invoice(payment, invoice, today)
        reverse(payment, today, account)
        payment.state, payment.voided_on, payment.void_reason = MoneyState.VOIDED, today, reason.strip()[:300]
        unassigned_of(payment)
        payment.save()
        return payment


def left_of_credit(credit: Payment | Invoice) -> Decimal:
    """What of a payment or a credit note is the customer's credit."""
    return credit.unassigned if isinstance(credit, Payment) else credit.balance


def locked_credit(credit: Payment | Invoice, *, by: By) -> tuple[CustomerAccount, Payment | Invoice]:
    """A payment or credit note as it stands in the database, and its account, both locked. Raises Refused for one that
    settles nothing."""
    if isinstance(credit, Payment):
        account, payment = locked_money(credit, by=by)
        if not payment.is_booked:
            raise Refused(_("%s is not in the ledger: nothing is put to invoices from it.") % payment)
        return account, payment
    account, note = locked_with_account(credit, by=by)
    require_same_customer(account, note)
    if note.kind != DocumentKind.CREDIT_NOTE or note.is_pending:
        raise Refused(_("Only payments and posted credit notes settle invoices."))
    return account, note


def _put_to(credit: Payment | Invoice, account: CustomerAccount, parts: Parts, *, by: By) -> None:
    wanted = {key: required_amount(amount) for key, amount in parts.items()}
    together, left = sum(wanted.values(), ZERO), left_of_credit(credit)
    if together > left:
        raise Refused(
            _("%(together)s is more than the %(left)s that is left of it.")
            % {"together": number_format(together, 2), "left": number_format(left, 2)}
        )
    invoices = locked_invoices(sorted(wanted), account, by=by)
    today = timezone.localdate()
    for key, amount in sorted(wanted.items()):
        invoice = invoices[key]
        require_open(invoice, amount)
        put_to_invoice(credit, invoice, amount, today)
