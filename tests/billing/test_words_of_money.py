"""What pages of money say: amounts as Germans write them, and the right word for what became of each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import Payment, WriteOff
from billing.services import credit_lines, make_invoices, post_invoice, record_payment, refund, write_off
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.portal_site.money_world import allow

pytestmark = pytest.mark.django_db


def _posted(cast: Cast) -> Any:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Skip exchange", "1", "100.00")).pk], by=cast.bill).invoices
    return post_invoice(invoice, by=cast.bill)


def test_bill_writes_a_german_amount_with_a_comma(cast: Cast, sign_in: Any) -> None:
    invoice, bill = _posted(cast), sign_in(cast.bill)
    dialog = reverse("admin:billing_invoice_pay", args=[invoice.pk])
    assert 'value="119,00"' in bill.get(dialog, HTTP_ACCEPT_LANGUAGE="de").content.decode()
    sent = {"_form_submitted": "1", "amount": "12,50", "day": str(timezone.localdate()), "method": "cash"}
    bill.post(dialog, sent, HTTP_ACCEPT_LANGUAGE="de")
    assert Payment.objects.get().amount == Decimal("12.50")


def test_what_went_back_or_was_given_up_is_not_called_received(cast: Cast, sign_in: Any) -> None:
    invoice, bill = _posted(cast), sign_in(cast.bill)
    write_off(invoice, amount=Decimal("10.00"), by=cast.bill, reason="A rest")
    payment = record_payment(cast.acme, Decimal("20.00"), by=cast.bill, oldest_first=False)
    refund(payment, Decimal("5.00"), by=cast.bill, reason="Too much")
    for record, words in ((WriteOff.objects.get(), "Written off"), (payment.refunds.get(), "Sent back")):
        kind = record._meta.model_name
        pages = (reverse(f"admin:billing_{kind}_changelist"), reverse(f"admin:billing_{kind}_change", args=[record.pk]))
        for page in pages:
            told = bill.get(page).content.decode()
            assert words in told and "Received" not in told, page


def test_one_invoice_is_chosen_already_where_money_settles_no_other(cast: Cast, sign_in: Any) -> None:
    invoice, bill = _posted(cast), sign_in(cast.bill)
    payment = record_payment(cast.acme, Decimal("20.00"), by=cast.bill, oldest_first=True)
    page = bill.get(reverse("admin:billing_payment_release", args=[payment.pk])).content.decode()
    assert page.index(f'name="invoice_{invoice.pk}"') < page.index('name="reason"')
    field = page[page.index(f'name="invoice_{invoice.pk}"') :]
    assert "checked" in field[: field.index(">")]


def test_money_that_no_invoice_waits_for_says_so(cast: Cast, sign_in: Any) -> None:
    invoice, bill = _posted(cast), sign_in(cast.bill)
    payment = record_payment(cast.acme, Decimal("200.00"), by=cast.bill, oldest_first=True)
    page = bill.get(reverse("admin:billing_payment_allocate", args=[payment.pk])).content.decode()
    assert "has no open invoice for it" in page and str(invoice) not in page


def test_a_credit_note_says_what_is_left_of_it_to_bill_and_to_cora(cast: Cast, sign_in: Any) -> None:
    invoice = _posted(cast)
    record_payment(cast.acme, Decimal("119.00"), by=cast.bill, oldest_first=True)
    [line] = invoice.lines.all()
    note = credit_lines(invoice, {line.pk: Decimal("50.00")}, by=cast.bill, reason="Half a load")
    page = sign_in(cast.bill).get(reverse("admin:billing_invoice_change", args=[note.pk])).content.decode()
    assert "Left as credit" in page and "<dt>Due</dt>" not in page
    allow(cast.cora, "view_invoices")
    page = sign_in(cast.cora).get(reverse("portal_site:invoice", args=[note.address])).content.decode()
    assert "Left as credit" in page and "Still to pay" not in page
