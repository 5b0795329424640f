"""An invoice that was credited in full is owed by nobody: what becomes of its money makes no credit of nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from accounts.models import Customer
from billing.choices import InvoiceStatus
from billing.invariants import broken
from billing.models import CustomerAccount, Invoice, Payment
from billing.services import (
    allocate,
    credit_lines,
    free_orders,
    left_of,
    make_invoices,
    post_invoice,
    record_payment,
    refund,
    release_credit,
    void_invoice,
    void_payment,
    void_write_off,
    write_off,
)
from console.errors import Refused
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
WHOLE = Decimal("119.00")


@pytest.fixture
def billed(cast: Cast) -> Callable[[], Invoice]:
    """``billed()``: a posted invoice of Acme over 119.00."""
    set_up_billing()
    bill_to(cast.acme)

    def _billed() -> Invoice:
        [invoice] = make_invoices([order(cast.acme, ("Skip", "1", "100.00")).pk], by=None).invoices
        return post_invoice(invoice, by=None)

    return _billed


def paid(invoice: Invoice) -> Payment:
    return record_payment(invoice.customer, WHOLE, by=None, parts={invoice.pk: WHOLE})


def fresh(document: Invoice) -> Invoice:
    return Invoice.objects.get(pk=document.pk)


def credited_in_full(invoice: Invoice) -> Invoice:
    left = {key: one.printed for key, one in left_of(invoice).items()}
    return credit_lines(invoice, left, by=None, reason="Not done")


def credit_of(customer: Customer) -> Decimal:
    payments = sum((one.unassigned for one in Payment.objects.filter(customer=customer)), Decimal(0))
    return payments + sum((one.balance for one in Invoice.objects.left_to_give()), Decimal(0))


def test_a_cheque_for_it_bounces_and_no_credit_is_left(cast: Cast, billed: Callable[[], Invoice]) -> None:
    invoice = billed()
    payment = paid(invoice)
    note = credited_in_full(invoice)
    assert (fresh(invoice).status, fresh(note).balance) == (InvoiceStatus.VOID, WHOLE)
    void_payment(payment, by=None, reason="Bounced")
    assert (fresh(invoice).status, fresh(invoice).balance, fresh(note).balance) == (InvoiceStatus.VOID, 0, 0)
    assert (credit_of(cast.acme), CustomerAccount.objects.get().balance) == (0, 0)
    with pytest.raises(Refused):
        refund(note, WHOLE, by=None, reason="Money that never came")
    assert not broken()


def test_her_payment_is_taken_from_it_and_she_has_her_credit_once(cast: Cast, billed: Callable[[], Invoice]) -> None:
    invoice = billed()
    payment = paid(invoice)
    credited_in_full(invoice)
    release_credit(payment, [invoice], by=None, reason="Hers anyway")
    assert (fresh(invoice).status, credit_of(cast.acme)) == (InvoiceStatus.VOID, WHOLE)
    assert not broken()


def test_an_invoice_that_was_paid_and_credited_in_part_is_void_with_nothing_open(
    cast: Cast, billed: Callable[[], Invoice]
) -> None:
    invoice = billed()
    paid(invoice)
    [line] = invoice.lines.all()
    credit_lines(invoice, {line.pk: Decimal("40.00")}, by=None, reason="Late")
    void_invoice(invoice, by=None, reason="Not done at all")
    assert (fresh(invoice).status, fresh(invoice).balance) == (InvoiceStatus.VOID, 0)
    assert (credit_of(cast.acme), CustomerAccount.objects.get().balance) == (WHOLE, -WHOLE)
    assert not broken()


def test_what_went_back_already_does_not_go_back_twice(cast: Cast, billed: Callable[[], Invoice]) -> None:
    invoice = billed()
    paid(invoice)
    [line] = invoice.lines.all()
    note = credit_lines(invoice, {line.pk: Decimal("40.00")}, by=None, reason="Late")
    refund(note, Decimal("47.60"), by=None, reason="She wanted it")
    void_invoice(invoice, by=None, reason="Not done at all")
    assert (fresh(invoice).status, fresh(invoice).balance) == (InvoiceStatus.VOID, 0)
    assert credit_of(cast.acme) == Decimal("71.40")
    assert not broken()


def test_what_another_note_settled_of_a_void_invoice_comes_back_as_credit_once(
    cast: Cast, billed: Callable[[], Invoice]
) -> None:
    first, second = billed(), billed()
    paid(first)
    note = credited_in_full(first)
    allocate(note, {second.pk: WHOLE}, by=None)
    void_invoice(second, by=None, reason="Not done either")
    release_credit(note, [second], by=None, reason="It is void")
    assert (fresh(second).status, fresh(second).balance, credit_of(cast.acme)) == (InvoiceStatus.VOID, 0, WHOLE)
    assert not broken()


def test_where_the_credit_went_back_and_the_cheque_bounced_it_is_owed_again(
    cast: Cast, billed: Callable[[], Invoice]
) -> None:
    invoice = billed()
    payment = paid(invoice)
    note = credited_in_full(invoice)
    refund(note, WHOLE, by=None, reason="She wanted it")
    void_payment(payment, by=None, reason="Bounced")
    assert (fresh(invoice).status, fresh(invoice).balance) == (InvoiceStatus.POSTED, WHOLE)
    assert Invoice.objects.open().get() == invoice and not broken()
    paid(fresh(invoice))
    assert fresh(invoice).status == InvoiceStatus.VOID and not broken()
    assert free_orders(invoice, by=None, reason="Again") == 1


def test_what_was_written_off_does_not_go_back_as_money(cast: Cast, billed: Callable[[], Invoice]) -> None:
    invoice = billed()
    made = write_off(invoice, by=None, reason="Insolvent")
    with pytest.raises(Refused, match="it never came"):
        credited_in_full(invoice)
    void_write_off(made, by=None, reason="Credited instead")
    credited_in_full(invoice)
    assert (fresh(invoice).status, credit_of(cast.acme)) == (InvoiceStatus.VOID, 0)
    assert not broken()
