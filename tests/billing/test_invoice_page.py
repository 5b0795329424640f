"""Bill changes what is prepared, and reads what is posted; Dana and Sam read both."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from billing.invariants import broken
from billing.models import Invoice
from billing.services import change_invoice, make_invoices, post_invoice
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.console.forms import filled
from tests.console.people import narrow

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme, ("Skip exchange", "2", "95.00"), ("Hour", "1.5", "60.00"))
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    return invoice


def address(invoice: Invoice) -> str:
    return reverse("admin:billing_invoice_change", args=[invoice.pk])


def form_of(answer: Any) -> dict[str, Any]:
    """Everything that the page would send, with its hidden marks."""
    text = answer.content.decode()
    marks = dict(re.findall(r'name="(_once|_seen|_state)" value="([^"]*)"', text))
    return filled(answer) | marks


def lines_of(invoice: Invoice) -> list[tuple[str, str]]:
    return [(line.description, str(line.net)) for line in invoice.lines.order_by("position")]


def test_bill_changes_head_and_lines(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    bill = sign_in(cast.bill)
    data = form_of(bill.get(address(pending)))
    data |= {"po_number": "PO 7", "lines-0-unit_price": "100", "lines-0-position": "5", "lines-1-position": "1"}
    answer = bill.post(address(pending), data)
    assert answer.status_code == 302, answer.context["errors"]
    pending.refresh_from_db()
    assert pending.po_number == "PO 7"
    assert lines_of(pending) == [("Hour", "90.00"), ("Skip exchange", "200.00")]
    assert str(pending.total) == "345.10"
    assert not broken()


def test_bill_adds_a_line_and_removes_one(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    bill = sign_in(cast.bill)
    data = form_of(bill.get(address(pending)))
    code = pending.lines.first().tax_code_id  # type: ignore[union-attr]
    data |= {
        "lines-TOTAL_FORMS": "3", "lines-1-DELETE": "on", "lines-2-description": "Permit", "lines-2-quantity": "1",
        "lines-2-unit": "C62", "lines-2-unit_price": "10.00", "lines-2-tax_code": str(code), "lines-2-position": "",
        "lines-2-id": "", "lines-2-invoice": str(pending.pk),
    }  # fmt: skip
    answer = bill.post(address(pending), data)
    assert answer.status_code == 302, answer.context["errors"]
    assert lines_of(pending) == [("Skip exchange", "190.00"), ("Permit", "10.00")]
    assert not broken()


def test_of_two_who_change_it_the_second_is_told(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    bill = sign_in(cast.bill)
    data = form_of(bill.get(address(pending))) | {"buyer_reference": "Leitweg"}
    change_invoice(pending, {"po_number": "PO 9"}, by=cast.olivia)
    answer = bill.post(address(pending), data)
    assert answer.status_code == 200
    assert "Nothing of yours was saved yet" in answer.content.decode()
    pending.refresh_from_db()
    assert (pending.po_number, pending.buyer_reference) == ("PO 9", "")
    # Told, they save again.
    assert bill.post(address(pending), form_of(answer) | {"buyer_reference": "Leitweg"}).status_code == 302
    pending.refresh_from_db()
    assert (pending.po_number, pending.buyer_reference) == ("PO 9", "Leitweg")


def test_without_the_mark_of_history_the_state_tells(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    bill = sign_in(cast.bill)
    data = form_of(bill.get(address(pending))) | {"buyer_reference": "Leitweg"}
    change_invoice(pending, {"po_number": "PO 9"}, by=cast.olivia)
    del data["_seen"]
    assert "Somebody else has changed this invoice" in bill.post(address(pending), data).content.decode()


def test_a_service_that_ends_before_it_begins_is_said_in_the_form(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill = sign_in(cast.bill)
    made = bill.post(reverse("admin:billing_invoice_by_hand"), {"_form_submitted": "1", "customer": cast.acme.pk})
    invoice = Invoice.objects.get()
    assert made.status_code in (204, 302)
    data = form_of(bill.get(address(invoice))) | {"service_from": "2026-11-20", "service_to": "2026-11-01"}
    assert "ends before it begins" in bill.post(address(invoice), data).content.decode()


def test_posted_it_is_read_with_its_orders_and_why_each_tax(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    invoice = post_invoice(pending, by=cast.bill)
    page = sign_in(cast.bill).get(address(invoice)).content.decode()
    assert str(invoice.number) in page
    assert "19 % " in page and "standard rate in Germany" in page
    assert pending.invoice_jobs.get().job.number in page
    assert "€333.20" in page
    assert 'name="po_number"' not in page


def test_posted_it_takes_no_form(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    bill = sign_in(cast.bill)
    data = form_of(bill.get(address(pending))) | {"po_number": "PO 7"}
    post_invoice(pending, by=cast.olivia)
    assert bill.post(address(pending), data).status_code == 403
    pending.refresh_from_db()
    assert pending.po_number == ""


@pytest.mark.parametrize("name", ["dana", "sam"])
def test_dana_and_sam_read_and_change_nothing(cast: Cast, sign_in: Any, pending: Invoice, name: str) -> None:
    client = sign_in(getattr(cast, name))
    page = client.get(address(pending))
    assert "Skip exchange" in page.content.decode()
    assert 'name="po_number"' not in page.content.decode()
    assert client.post(address(pending), {"po_number": "mine"}).status_code == 403
    for button in ("post", "discard"):
        url = reverse(f"admin:billing_invoice_{button}", args=[pending.pk])
        assert client.post(url, {"_form_submitted": "1"}).status_code == 403
    pending.refresh_from_db()
    assert pending.is_pending and pending.po_number == ""


def test_nell_is_sent_away(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    nell = sign_in(cast.nell)
    assert nell.get(reverse("admin:billing_invoice_changelist")).status_code == 403
    assert nell.get(address(pending)).status_code in (403, 404)


def test_who_works_for_birch_alone_meets_a_404_at_acme(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    narrow(cast.bill, cast.birch)
    bill = sign_in(cast.bill)
    assert bill.get(address(pending)).status_code == 404
    assert bill.post(reverse("admin:billing_invoice_post", args=[pending.pk])).status_code == 404
    page = bill.get(reverse("admin:billing_invoice_changelist")).content.decode()
    assert "Acme" not in page


def test_its_history_tells_of_its_lines(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    bill = sign_in(cast.bill)
    data = form_of(bill.get(address(pending))) | {"lines-0-unit_price": "77"}
    bill.post(address(pending), data)
    page = bill.get(reverse("admin:billing_invoice_history", args=[pending.pk])).content.decode()
    assert "77" in page and "Skip exchange" in page
