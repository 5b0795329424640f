"""Money comes, is put to invoices, is taken back, goes back, is given up: the account says the same throughout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Customer
from billing.choices import InvoiceStatus, MoneyState, PaymentMethod
from billing.invariants import broken
from billing.models import AccountEntry, CustomerAccount, Invoice, Payment
from billing.services import (
    allocate,
    credit_lines,
    make_invoices,
    post_invoice,
    record_payment,
    refund,
    release_credit,
    save_billing_settings,
    void_invoice,
    void_payment,
    void_refund,
    void_write_off,
    write_off,
)
from billing.services.settling import open_of_places
from console.errors import NotAllowed, Refused
from console.roles import Role, give_role
from permissions.models import CustomerGrant
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def billed(cast: Cast) -> Callable[..., Invoice]:
    """``billed("100.00", on=day)``: a posted invoice of Acme over so much, with 19 % on top."""
    set_up_billing()
    bill_to(cast.acme)
    bill_to(cast.cedar)

    def _billed(price: str = "100.00", *, customer: Customer | None = None, days_ago: int = 0) -> Invoice:
        job = order(customer or cast.acme, ("Skip exchange", "1", price))
        [invoice] = make_invoices([job.pk], by=None).invoices
        return post_invoice(invoice, by=None, issue_on=timezone.localdate() - timedelta(days=days_ago))

    return _billed


def fresh(record: Invoice) -> Invoice:
    return Invoice.objects.get(pk=record.pk)


def owed(customer: Customer) -> Decimal:
    return CustomerAccount.objects.get(customer=customer).balance


def test_a_transfer_settles_what_was_due_first(cast: Cast, billed: Callable[..., Invoice]) -> None:
    first, second = billed(days_ago=20), billed()
    payment = record_payment(cast.acme, Decimal("150.00"), by=cast.bill, oldest_first=True)
    assert (payment.number or "").startswith("P-") and payment.state == MoneyState.SUCCEEDED
    first, second = fresh(first), fresh(second)
    assert (first.status, second.status, str(second.balance)) == (InvoiceStatus.PAID, InvoiceStatus.PART_PAID, "88.00")
    assert (str(payment.unassigned), owed(cast.acme)) == ("0.00", Decimal("88.00"))
    assert not broken()


def test_what_is_left_over_is_her_credit_and_settles_the_next_invoice(
    cast: Cast, billed: Callable[..., Invoice]
) -> None:
    invoice = billed()
    payment = record_payment(cast.acme, Decimal("200.00"), by=cast.bill, parts={invoice.pk: Decimal("119.00")})
    assert (str(payment.unassigned), owed(cast.acme)) == ("81.00", Decimal("-81.00"))
    other = billed()
    allocate(payment, None, by=cast.bill)
    assert str(fresh(other).balance) == "38.00"
    assert not Payment.objects.unassigned().exists() and not broken()


def test_a_cheque_bounces(cast: Cast, billed: Callable[..., Invoice]) -> None:
    invoice = billed()
    payment = record_payment(cast.acme, Decimal("119.00"), by=cast.bill, method=PaymentMethod.CHEQUE, oldest_first=True)
    payment = void_payment(payment, by=cast.bill, reason="The bank sent it back")
    assert (payment.state, fresh(invoice).status, owed(cast.acme)) == (
        MoneyState.VOIDED,
        InvoiceStatus.POSTED,
        Decimal("119.00"),
    )
    assert not broken()
    with pytest.raises(Refused, match="nothing to take back"):
        void_payment(payment, by=cast.bill, reason="Again")


def test_money_put_to_the_wrong_invoice_is_released(cast: Cast, billed: Callable[..., Invoice]) -> None:
    wrong, right = billed(), billed()
    payment = record_payment(cast.acme, Decimal("119.00"), by=cast.bill, parts={wrong.pk: Decimal("119.00")})
    release_credit(payment, [wrong], by=cast.bill, reason="She meant the other one")
    assert fresh(wrong).status == InvoiceStatus.POSTED
    allocate(Payment.objects.get(), {right.pk: Decimal("119.00")}, by=cast.bill)
    assert fresh(right).status == InvoiceStatus.PAID and not broken()
    with pytest.raises(Refused, match="settles nothing"):
        release_credit(Payment.objects.get(), [wrong], by=cast.bill, reason="Again")


def test_credit_goes_back_and_what_settles_an_invoice_does_not(cast: Cast, billed: Callable[..., Invoice]) -> None:
    invoice = billed()
    payment = record_payment(cast.acme, Decimal("150.00"), by=cast.bill, parts={invoice.pk: Decimal("119.00")})
    with pytest.raises(Refused, match=r"31\.00 can go back"):
        refund(payment, Decimal("31.01"), by=cast.bill, reason="Too much")
    made = refund(payment, Decimal("31.00"), by=cast.bill, reason="Paid too much")
    assert owed(cast.acme) == 0 and not broken()
    payment = Payment.objects.get()
    with pytest.raises(Refused, match="Take the refund back first"):
        void_payment(payment, by=cast.bill, reason="x")
    void_refund(made, by=cast.bill, reason="It came back")
    assert str(Payment.objects.get().unassigned) == "31.00" and not broken()
    with pytest.raises(Refused, match="already"):
        void_refund(made, by=cast.bill, reason="Again")


def test_what_a_credit_note_leaves_over_goes_to_another_invoice_or_back(
    cast: Cast, billed: Callable[..., Invoice]
) -> None:
    paid = billed()
    record_payment(cast.acme, Decimal("119.00"), by=cast.bill, oldest_first=True)
    line = paid.lines.get()
    note = credit_lines(paid, {line.pk: Decimal("50.00")}, by=cast.bill, reason="Half a load")
    assert (str(note.balance), fresh(paid).status) == ("59.50", InvoiceStatus.PAID)
    other = billed("20.00")
    allocate(note, None, by=cast.bill)
    assert fresh(other).status == InvoiceStatus.PAID and not broken()
    note = fresh(note)
    refund(note, note.balance, by=cast.bill, reason="She asked for it")
    assert fresh(note).status == InvoiceStatus.PAID and owed(cast.acme) == 0 and not broken()


def test_a_paid_invoice_is_voided_and_the_money_is_credit(cast: Cast, billed: Callable[..., Invoice]) -> None:
    invoice = billed()
    record_payment(cast.acme, Decimal("100.00"), by=cast.bill, oldest_first=True)
    write_off(invoice, by=cast.bill, reason="Small sum")
    void_invoice(invoice, by=cast.bill, reason="Wrong customer")
    assert fresh(invoice).status == InvoiceStatus.VOID
    assert (str(Payment.objects.get().unassigned), owed(cast.acme)) == ("100.00", Decimal("-100.00"))
    assert not broken()


def test_what_will_not_come_is_written_off_and_comes_after_all(cast: Cast, billed: Callable[..., Invoice]) -> None:
    invoice = billed()
    made = write_off(invoice, by=cast.bill, reason="Bankrupt", amount=Decimal("19.00"))
    assert (str(fresh(invoice).balance), owed(cast.acme)) == ("100.00", Decimal("100.00")) and not broken()
    with pytest.raises(Refused, match=r"only 100\.00 is open"):
        write_off(invoice, by=cast.bill, reason="All", amount=Decimal("100.01"))
    void_write_off(made, by=cast.bill, reason="It came")
    assert (fresh(invoice).status, owed(cast.acme)) == (InvoiceStatus.POSTED, Decimal("119.00")) and not broken()


def test_nothing_is_written_off_before_it_was_billed(cast: Cast, billed: Callable[..., Invoice]) -> None:
    invoice = billed()
    with pytest.raises(Refused, match="before the date"):
        write_off(invoice, by=cast.bill, reason="x", on=timezone.localdate() - timedelta(days=1))


BAD = {
    "nothing": (Decimal(0), "above zero"),
    "less than nothing": (Decimal("-5"), "above zero"),
    "no number": (Decimal("NaN"), "no amount"),
    "endless": (Decimal("Infinity"), "no amount"),
    "part of a cent": (Decimal("0.005"), "no amount"),
    "too much": (Decimal("1e12"), "no amount"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_amounts_book_nothing(cast: Cast, billed: Callable[..., Invoice], name: str) -> None:
    invoice, (amount, said) = billed(), BAD[name]
    with pytest.raises(Refused, match=said):
        record_payment(cast.acme, amount, by=cast.bill)
    with pytest.raises(Refused, match=said):
        record_payment(cast.acme, Decimal("500"), by=cast.bill, parts={invoice.pk: amount})
    assert not Payment.objects.exists() and owed(cast.acme) == Decimal("119.00")


def test_more_than_is_open_or_than_came_is_refused(cast: Cast, billed: Callable[..., Invoice]) -> None:
    invoice = billed()
    with pytest.raises(Refused, match=r"only 119\.00 is open"):
        record_payment(cast.acme, Decimal("500"), by=cast.bill, parts={invoice.pk: Decimal("119.01")})
    with pytest.raises(Refused, match="more than the"):
        record_payment(cast.acme, Decimal("50"), by=cast.bill, parts={invoice.pk: Decimal("51")})
    assert not Payment.objects.exists()


def test_the_strangers_invoice_takes_none_of_her_money(cast: Cast, billed: Callable[..., Invoice]) -> None:
    theirs = billed(customer=cast.cedar)
    with pytest.raises(Refused, match="not of this customer"):
        record_payment(cast.acme, Decimal("119.00"), by=cast.bill, parts={theirs.pk: Decimal("119.00")})
    assert not Payment.objects.exists()


def test_no_money_of_a_day_to_come_or_in_closed_books(cast: Cast, billed: Callable[..., Invoice]) -> None:
    today = timezone.localdate()
    settings = set_up_billing()
    with pytest.raises(Refused, match="has not come yet"):
        record_payment(cast.acme, Decimal(1), by=cast.bill, received_on=today + timedelta(days=1))
    settings.books_closed_until = today - timedelta(days=1)
    save_billing_settings(settings, by=None)
    with pytest.raises(Refused, match="books are closed"):
        record_payment(cast.acme, Decimal(1), by=cast.bill, received_on=today - timedelta(days=1))
    assert record_payment(cast.acme, Decimal(1), by=cast.bill).number


def test_who_was_granted_another_customer_records_nothing_here(cast: Cast, billed: Callable[..., Invoice]) -> None:
    billed()
    clerk = make_user("clerk@harbour.example", is_staff=True, only_granted_customers=True)
    give_role(clerk, Role.BILLING_CLERK, by=None)
    change = Permission.objects.get(content_type__app_label="accounts", codename="change_customer")
    CustomerGrant.objects.create(user=clerk, permission=change, content_object=cast.cedar)
    with pytest.raises(NotAllowed):
        record_payment(cast.acme, Decimal(1), by=clerk)
    payment = record_payment(cast.acme, Decimal(1), by=None)
    with pytest.raises(NotAllowed):
        void_payment(payment, by=clerk, reason="x")


def test_places_add_up(cast: Cast, billed: Callable[..., Invoice]) -> None:
    """A third of an invoice of three places settles a third of each, and the last payment the last cent."""
    jobs = [
        order(cast.acme, ("Skip", "1", "33.33"), location=cast.acme.locations.get_or_create(street=street)[0])
        for street in ("Yard 1", "Yard 2", "Yard 3")
    ]
    [invoice] = make_invoices([job.pk for job in jobs], by=None).invoices
    invoice = post_invoice(invoice, by=None)
    assert len(open_of_places(invoice)) == 3
    record_payment(cast.acme, Decimal("40.00"), by=cast.bill, oldest_first=True)
    assert {str(left) for left in open_of_places(fresh(invoice)).values()} <= {"26.32", "26.33", "26.34"}
    write_off(fresh(invoice), by=cast.bill, reason="Done", amount=Decimal("0.02"))
    record_payment(cast.acme, fresh(invoice).balance, by=cast.bill, oldest_first=True)
    assert not any(open_of_places(fresh(invoice)).values()) and not broken()


CHANGES = {
    "its amount": lambda payment: Payment.objects.filter(pk=payment.pk).update(amount=1, unassigned=1),
    "its day": lambda payment: Payment.objects.filter(pk=payment.pk).update(on="2020-01-01"),
    "its being there": lambda payment: Payment.objects.filter(pk=payment.pk)._raw_delete("default"),
    "the entry of another payment": lambda payment: AccountEntry.objects.filter(payment=payment).update(payment=None),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_booked_the_database_keeps(cast: Cast, billed: Callable[..., Invoice], name: str) -> None:
    payment = record_payment(cast.acme, Decimal("10.00"), by=cast.bill)
    with pytest.raises(IntegrityError), transaction.atomic():
        CHANGES[name](payment)
