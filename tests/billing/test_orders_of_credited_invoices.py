"""Once nothing is left of an invoice, its orders can be billed anew: credited line by line, or free of charge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.choices import InvoiceStatus
from billing.invariants import broken
from billing.models import Invoice
from billing.services import credit_lines, free_orders, make_invoices, post_invoice
from console.errors import NotAllowed, Refused
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.console.new_records import said
from tests.console.people import narrow

pytestmark = pytest.mark.django_db


def posted(cast: Cast, *lines: tuple[str, str, str]) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, *lines).pk], by=cast.bill).invoices
    return post_invoice(invoice, by=cast.bill)


@pytest.fixture
def credited(cast: Cast) -> Invoice:
    invoice = posted(cast, ("Skip exchange", "2", "95.00"), ("Hour", "1.5", "60.00"))
    for line in invoice.lines.all():
        credit_lines(invoice, {line.pk: line.printed}, by=cast.bill, reason="Wrong")
    invoice.refresh_from_db()
    assert invoice.status == InvoiceStatus.VOID
    return invoice


@pytest.fixture
def free_of_charge(cast: Cast) -> Invoice:
    return posted(cast, ("Visit", "1", "0.00"))


def button(invoice: Invoice, name: str = "bill_anew") -> str:
    return reverse(f"admin:billing_invoice_{name}", args=[invoice.pk])


@pytest.mark.parametrize("which", ["credited", "free_of_charge"])
def test_bill_bills_its_orders_anew(cast: Cast, sign_in: Any, which: str, request: pytest.FixtureRequest) -> None:
    invoice = request.getfixturevalue(which)
    bill = sign_in(cast.bill)
    page = bill.get(reverse("admin:billing_invoice_change", args=[invoice.pk])).content.decode()
    assert button(invoice) in page and button(invoice, "void") not in page
    assert "1 order can be billed again." in bill.get(button(invoice)).content.decode()
    answer = bill.post(button(invoice), {"_form_submitted": "1", "reason": "Wrong price"})
    assert said(answer) == ["1 order can be billed again."]
    on_it = invoice.invoice_jobs.get()
    assert (on_it.job.is_billed, on_it.released_why) == (False, "Wrong price")
    assert make_invoices([on_it.job_id], by=cast.bill).invoices
    assert button(invoice) not in bill.get(reverse("admin:billing_invoice_change", args=[invoice.pk])).content.decode()
    assert not broken()


def test_while_something_is_left_they_stay(cast: Cast, sign_in: Any) -> None:
    invoice = posted(cast, ("Skip exchange", "2", "95.00"))
    credit_lines(invoice, {invoice.lines.get().pk: Decimal("100.00")}, by=cast.bill, reason="A part")
    with pytest.raises(Refused, match="not credited in full"):
        free_orders(invoice, by=cast.bill, reason="Wrong")
    page = sign_in(cast.bill).get(reverse("admin:billing_invoice_change", args=[invoice.pk])).content.decode()
    assert button(invoice) not in page
    assert invoice.invoice_jobs.get().job.is_billed


def test_nobody_bills_anew_twice_or_without_saying_why(cast: Cast, credited: Invoice) -> None:
    with pytest.raises(Refused, match="Say why"):
        free_orders(credited, by=cast.bill, reason=" ")
    free_orders(credited, by=cast.bill, reason="Wrong")
    with pytest.raises(Refused, match="no orders any more"):
        free_orders(credited, by=cast.bill, reason="Wrong")


@pytest.mark.parametrize("name", ["dana", "sam"])
def test_who_may_only_look_frees_nothing(cast: Cast, sign_in: Any, credited: Invoice, name: str) -> None:
    answer = sign_in(getattr(cast, name)).post(button(credited), {"_form_submitted": "1", "reason": "x"})
    assert answer.status_code == 403
    assert credited.invoice_jobs.get().job.is_billed


def test_who_works_for_birch_alone_frees_nothing_of_acme(cast: Cast, credited: Invoice) -> None:
    narrow(cast.bill, cast.birch)
    with pytest.raises(NotAllowed):
        free_orders(credited, by=type(cast.bill).objects.get(pk=cast.bill.pk), reason="Wrong")
