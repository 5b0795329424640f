"""Money that goes back, and money that is given up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from audit.act import acting
from billing.choices import DocumentKind, MoneyState, PaymentMethod, SeriesKind
from billing.models import BillingSettings, CustomerAccount, Invoice, Payment, Refund, WriteOff
from billing.models.payments import unassigned_of
from billing.posting import Share, book, reverse
from billing.services.money_rules import (
    give_money_number,
    locked_invoices,
    locked_money,
    require_day,
    require_open,
    required_amount,
    required_reason,
    say_who_made,
)
from billing.services.payments import left_of_credit, locked_credit
from billing.services.post import locked_with_account
from billing.services.settling import open_of_places, put_to_invoice, status_of, take_from_invoice
from console.errors import Refused
from console.reach import By
from money.minor import share_out


def refund(
    credit: Payment | Invoice,
    amount: Decimal,
    *,
    by: By,
    reason: str,
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
    on: date | None = None,
) -> Refund:
    """Money that went back, on that day (today): of what is left of a payment, or of a credit note.

    Raises Refused for more than is left (what settles invoices is released first), and for a day before it came.
    """
    with transaction.atomic(), acting(by=by, reason=required_reason(reason)):
        account, credit = locked_credit(credit, by=by)
        amount, on = required_amount(amount), on or timezone.localdate()
        require_day(on, BillingSettings.load())
        if isinstance(credit, Payment) and on < credit.on:
            raise Refused(
                _("%(payment)s came on %(day)s: nothing of it went back before.")
                % {"payment": credit, "day": date_format(credit.on, "j M Y")}
            )
        left = left_of_credit(credit)
        if amount > left:
            raise Refused(
                _("Of %(credit)s %(left)s can go back. What settles an invoice is released first.")
                % {"credit": credit, "left": number_format(left, 2)}
            )
        made = Refund(
            customer_id=credit.customer_id,
            currency=credit.currency,
            amount=amount,
            on=on,
            method=method,
            reason=reason.strip()[:300],
            payment=credit if isinstance(credit, Payment) else None,
            credit_note=credit if isinstance(credit, Invoice) else None,
        )
        say_who_made(made)
        shares = _shares_of(credit, amount)
        give_money_number(made, SeriesKind.REFUND)
        made.save()
        book(made, shares, on, account)
        _went_back(credit, amount)
        return made


def void_refund(made: Refund, *, by: By, reason: str) -> Refund:
    """Take a refund back that was typed wrongly, or that came back: the money is the customer's credit again."""
    with transaction.atomic(), acting(by=by, reason=required_reason(reason)):
        credit = made.payment or made.credit_note
        assert credit is not None, made.pk
        account, credit = locked_credit(credit, by=by)
        _account, made = locked_money(made, by=by)
        _take_back(made, account, reason)
        _went_back(credit, -made.amount)
        return made


def write_off(
    invoice: Invoice, *, by: By, reason: str, amount: Decimal | None = None, on: date | None = None
) -> WriteOff:
    """Give up what is open of an invoice, or a part of it: it is settled, and nobody waits for it any more.

    Raises Refused where not so much is open. What becomes of its tax is for the accountant to say.
    """
    with transaction.atomic(), acting(by=by, reason=required_reason(reason)):
        account, invoice = locked_with_account(invoice, by=by)
        if invoice.kind != DocumentKind.INVOICE or invoice.is_pending:
            raise Refused(_("Only what is open of a posted invoice can be written off."))
        amount = invoice.balance if amount is None else required_amount(amount)
        require_open(invoice, amount)
        on = on or timezone.localdate()
        require_day(on, BillingSettings.load())
        if invoice.issued_on is not None and on < invoice.issued_on:
            raise Refused(_("Nothing is written off before the date of its invoice."))
        made = WriteOff(
            customer_id=invoice.customer_id,
            currency=invoice.currency,
            invoice=invoice,
            amount=amount,
            on=on,
            reason=reason.strip()[:300],
        )
        say_who_made(made)
        give_money_number(made, SeriesKind.WRITE_OFF)
        made.save()
        book(made, put_to_invoice(made, invoice, amount, on), on, account)
        return made


def void_write_off(made: WriteOff, *, by: By, reason: str) -> WriteOff:
    """Take a write-off back: the money came after all, and the invoice is open again."""
    with transaction.atomic(), acting(by=by, reason=required_reason(reason)):
        account, made = locked_money(made, by=by)
        take_back_write_off(made, account, by=by, reason=reason)
        return made


def take_back_write_off(made: WriteOff, account: CustomerAccount, *, by: By, reason: str) -> None:
    """The same, where its account is locked already."""
    _take_back(made, account, reason)
    [invoice] = locked_invoices([made.invoice_id], account, by=by).values()
    take_from_invoice(made, invoice, timezone.localdate())


def _take_back(made: Refund | WriteOff, account: CustomerAccount, reason: str) -> None:
    if not made.is_booked:
        raise Refused(_("%s was taken back already.") % made)
    today = timezone.localdate()
    require_day(today, BillingSettings.load())
    reverse(made, today, account)
    made.state, made.voided_on, made.void_reason = MoneyState.VOIDED, today, reason.strip()[:300]
    made.save()


def _shares_of(credit: Payment | Invoice, amount: Decimal) -> list[Share]:
    """Of which places a credit note's money goes back; a payment is of none."""
    if isinstance(credit, Payment):
        return [Share(None, amount)]
    left = open_of_places(credit)
    return [Share(place, part) for place, part in zip(left, share_out(amount, list(left.values())), strict=True)]


def _went_back(credit: Payment | Invoice, amount: Decimal) -> None:
    if isinstance(credit, Payment):
        credit.refunded += amount
        unassigned_of(credit)
        credit.save(update_fields=["refunded", "unassigned"])
        return
    credit.settled += amount
    credit.balance -= amount
    credit.status = status_of(credit)
    credit.save(update_fields=["settled", "balance", "status"])
