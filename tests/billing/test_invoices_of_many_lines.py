"""An invoice of more lines than fit into a form is credited line by line, by their numbers, and voided as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.choices import InvoiceStatus
from billing.invariants import broken
from billing.models import Invoice, InvoiceLine
from billing.services import credit_lines, make_invoices, post_invoice
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
# More fields than Django takes from one form.
MANY = 1_050


@pytest.fixture
def long(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Hour", "1", "60")).pk], by=cast.bill).invoices
    first = invoice.lines.get()
    more = [
        InvoiceLine(
            invoice=invoice, position=place, description=f"Bin {place}", quantity=1, unit_price=Decimal("2.00"),
            tax_code=first.tax_code,
        )
        for place in range(2, MANY + 1)
    ]  # fmt: skip
    InvoiceLine.objects.bulk_create(more)
    return invoice


def button(invoice: Invoice, name: str) -> str:
    return reverse(f"admin:billing_invoice_{name}", args=[invoice.pk])


def test_while_it_is_prepared_its_head_is_changed_and_the_page_says_what_to_do(
    cast: Cast, sign_in: Any, long: Invoice
) -> None:
    page = sign_in(cast.bill).get(reverse("admin:billing_invoice_change", args=[long.pk])).content.decode()
    assert 'name="po_number"' in page and "too many lines" in page and "Bin 1050" in page


def test_bill_credits_two_lines_by_their_numbers_then_all(cast: Cast, sign_in: Any, long: Invoice) -> None:
    invoice = post_invoice(long, by=cast.bill, issue_on=timezone.localdate())
    bill = sign_in(cast.bill)
    question = bill.get(button(invoice, "credit")).content.decode()
    assert question.count("<input") < 100 and "its number on the PDF" in question
    answer = bill.post(
        button(invoice, "credit"), {"_form_submitted": "1", "reason": "Not emptied", "lines": "1 10.00\n\n1050"}
    )
    assert answer.status_code == 302
    note = Invoice.objects.get(corrects=invoice)
    assert [str(line.net) for line in note.lines.order_by("position")] == ["10.00", "2.00"]
    bill.post(button(invoice, "void"), {"_form_submitted": "1", "reason": "All of it"})
    invoice.refresh_from_db()
    assert invoice.status == InvoiceStatus.VOID
    assert not broken()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("4711 1.00", "There is no line “4711 1.00”"),
        ("x", "There is no line “x”"),
        ("2 much", "“2 much”: "),
        ("2 1\n2 1", "Line 2 is there twice"),
        ("2 2.01", "2.00 is left to credit, not 2.01"),
        ("", "Choose what shall be credited."),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_lost(
    cast: Cast, sign_in: Any, long: Invoice, rows: str, sentence: str
) -> None:
    invoice = post_invoice(long, by=cast.bill, issue_on=timezone.localdate())
    sent = {"_form_submitted": "1", "reason": "Oops", "lines": rows}
    page = sign_in(cast.bill).post(button(invoice, "credit"), sent).content.decode()
    assert sentence in page and "Oops" in page
    assert not Invoice.objects.filter(corrects=invoice).exists()


def test_a_line_that_was_credited_is_not_there_any_more(cast: Cast, sign_in: Any, long: Invoice) -> None:
    invoice = post_invoice(long, by=cast.bill, issue_on=timezone.localdate())
    credit_lines(invoice, {invoice.lines.get(position=1).pk: Decimal("60.00")}, by=cast.bill, reason="Wrong")
    sent = {"_form_submitted": "1", "reason": "Oops", "lines": "1"}
    assert "There is no line “1”" in sign_in(cast.bill).post(button(invoice, "credit"), sent).content.decode()
