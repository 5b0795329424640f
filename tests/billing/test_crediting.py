"""What was posted is corrected by a credit note: of a line, of a part, of all; then it can be billed anew."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.choices import InvoiceStatus
from billing.invariants import broken
from billing.models import Allocation, CustomerAccount, Invoice
from billing.services import credit_lines, left_of, make_invoices, post_invoice, void_invoice
from console.errors import Refused
from money.minor import ZERO
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme, ("Skip exchange", "2", "95.00"), ("Hour", "1.5", "60.00"))
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    return post_invoice(invoice, by=cast.bill)


def test_one_line_is_credited(cast: Cast, posted: Invoice) -> None:
    second = posted.lines.get(position=2)
    note = credit_lines(posted, {second.pk: Decimal("90.00")}, by=cast.bill, reason="Nobody came")
    assert (note.number or "")[:1] == "G"
    assert (str(note.net), str(note.tax), str(note.total)) == ("90.00", "17.10", "107.10")
    posted.refresh_from_db()
    assert (posted.status, str(posted.balance)) == (InvoiceStatus.PART_PAID, "226.10")
    assert CustomerAccount.objects.get(customer=cast.acme).balance == Decimal("226.10")
    assert Allocation.objects.get().amount == Decimal("107.10")
    assert not broken()


def test_no_more_is_credited_than_is_left(cast: Cast, posted: Invoice) -> None:
    second = posted.lines.get(position=2)
    credit_lines(posted, {second.pk: Decimal("60.00")}, by=cast.bill, reason="Half an hour")
    with pytest.raises(Refused, match=r"30\.00 is left"):
        credit_lines(posted, {second.pk: Decimal("30.01")}, by=cast.bill, reason="More")
    assert not broken()


@pytest.mark.parametrize("amount", ["-1", "0", "1000000000"])
def test_nonsense_is_refused(cast: Cast, posted: Invoice, amount: str) -> None:
    with pytest.raises(Refused):
        credit_lines(posted, {posted.lines.get(position=1).pk: Decimal(amount)}, by=cast.bill, reason="x")
    assert not broken()


def test_a_line_of_another_invoice_is_refused(cast: Cast, posted: Invoice) -> None:
    bill_to(cast.birch)
    [other] = make_invoices([order(cast.birch).pk], by=cast.bill).invoices
    with pytest.raises(Refused):
        credit_lines(posted, {other.lines.get().pk: Decimal(1)}, by=cast.bill, reason="x")


def test_nobody_credits_without_saying_why(cast: Cast, posted: Invoice) -> None:
    with pytest.raises(Refused, match="why"):
        void_invoice(posted, by=cast.bill, reason=" ")


def test_voided_nothing_is_owed_and_the_orders_can_be_billed_anew(cast: Cast, posted: Invoice) -> None:
    note = void_invoice(posted, by=cast.bill, reason="Wrong customer", bill_anew=True)
    posted.refresh_from_db()
    assert (posted.status, posted.balance, note.total) == (InvoiceStatus.VOID, ZERO, posted.total)
    job = posted.invoice_jobs.get().job
    assert not job.is_billed
    assert make_invoices([job.pk], by=cast.bill).invoices
    assert not broken()


def test_voided_alone_the_orders_stay_billed(cast: Cast, posted: Invoice) -> None:
    void_invoice(posted, by=cast.bill, reason="Goodwill")
    assert posted.invoice_jobs.get().job.billed_as == posted.number
    with pytest.raises(Refused, match="Nothing is left"):
        void_invoice(posted, by=cast.bill, reason="Again")
    assert not broken()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.tuples(st.integers(1, 2), st.decimals("0.01", "60", places=2)), min_size=1, max_size=6))
def test_credited_in_whatever_parts_it_comes_to_the_invoice(cast: Cast, parts: list[tuple[int, Decimal]]) -> None:
    set_up_billing()
    if not hasattr(cast.acme, "billing_profile"):
        bill_to(cast.acme)
    job = order(cast.acme, ("Skip exchange", "3", "33.33"), ("Weighed", "1.217", "49.99"))
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    invoice = post_invoice(invoice, by=cast.bill)
    for position, amount in parts:
        line = invoice.lines.get(position=position)
        if (left := left_of(invoice)[line.pk].printed) > 0:
            credit_lines(invoice, {line.pk: min(amount, left)}, by=cast.bill, reason="A part")
    invoice.refresh_from_db()
    if invoice.balance:
        void_invoice(invoice, by=cast.bill, reason="The rest")
    notes = Invoice.objects.filter(corrects=invoice)
    assert sum((note.net for note in notes), ZERO) == invoice.net
    assert sum((note.tax for note in notes), ZERO) == invoice.tax
    assert not broken()


def test_no_more_is_given_back_than_the_invoice_asked_for(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme, ("Skip exchange", "1", "100.00"), ("Discount", "1", "-50.00"))
    invoice = post_invoice(make_invoices([job.pk], by=cast.bill).invoices[0], by=cast.bill)
    first = invoice.lines.get(position=1)
    with pytest.raises(Refused, match="as well as the price"):
        credit_lines(invoice, {first.pk: Decimal("100.00")}, by=cast.bill, reason="All of it")
    credit_lines(invoice, {first.pk: Decimal("40.00")}, by=cast.bill, reason="A part")
    void_invoice(invoice, by=cast.bill, reason="The rest")
    assert CustomerAccount.objects.get(customer=cast.acme).balance == ZERO
    assert not broken()


def test_many_small_credits_come_to_no_more_tax_than_one(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme, ("Sweeping", "1", "0.30"))
    invoice = post_invoice(make_invoices([job.pk], by=cast.bill).invoices[0], by=cast.bill)
    line = invoice.lines.get()
    for _part in range(8):
        credit_lines(invoice, {line.pk: Decimal("0.03")}, by=cast.bill, reason="A part")
        left = left_of(invoice)[line.pk]
        assert abs(left.tax - left.printed * line.tax_rate / 100) <= Decimal("0.01")
    void_invoice(invoice, by=cast.bill, reason="The rest")
    assert not broken()


def test_an_invoice_dated_ahead_is_credited_with_its_own_date(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    day = timezone.localdate() + timedelta(days=10)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    invoice = post_invoice(invoice, by=cast.bill, issue_on=day)
    assert void_invoice(invoice, by=cast.bill, reason="Wrong customer").issued_on == day
    assert not broken()
