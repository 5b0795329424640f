"""Her invoice says what settles it, and the overview what she has as credit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from billing.models import BillingProfile, Invoice
from billing.services import allocate, credit_lines, record_payment, void_payment, write_off
from tests.portal_site.money_world import allow, billed, bills

TODAY = dt.date(2026, 11, 28)


@pytest.fixture
def owing(cast, time_machine):
    """Acme owes 119 on an invoice; Cora may see that."""
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    bills(cast, cast.acme, cast.birch, cast.cedar)
    allow(cast.cora)
    return billed(cast, cast.acme, on=TODAY)


def page_of(client, invoice):
    return " ".join(client.get(f"/billing/invoices/{invoice.number}/").content.decode().split())


def credits(page):
    return [(one.currency, str(one.balance), str(one.credit)) for one in page.context["owed"]]


def test_payment_credit_note_and_write_off_stand_with_date_number_and_amount(cast, owing, sign_in):
    payment = record_payment(
        cast.acme, Decimal("50.00"), by=cast.bill, received_on=dt.date(2026, 11, 20), oldest_first=True, note="Odd"
    )
    note = credit_lines(owing, {owing.lines.get().pk: Decimal("10.00")}, by=cast.bill, reason="Half a load")
    given_up = write_off(Invoice.objects.get(pk=owing.pk), by=cast.bill, reason="Inner", amount=Decimal("7.10"))
    page = page_of(sign_in(cast.cora), owing)
    for words in (
        f'Payment <a class="break" href="/billing/payments/{payment.reference}/">{payment.number}</a>',
        "20 November 2026", "€50.00",
        f'Credit note <a class="break" href="/billing/invoices/{note.number}/">{note.number}</a>', "€11.90",
        f"No longer asked for {given_up.number}", "€7.10", "€69.00", "Still to pay", "€50.00",
    ):  # fmt: skip
        assert words in page, words
    assert "Odd" not in page and "Inner" not in page


def test_what_was_taken_back_settles_nothing(cast, owing, sign_in):
    payment = record_payment(cast.acme, Decimal("50.00"), by=cast.bill, oldest_first=True)
    void_payment(payment, by=cast.bill, reason="Bounced")
    assert payment.number not in page_of(sign_in(cast.cora), owing)


def test_the_overview_shows_her_credit_beside_what_is_open(cast, owing, sign_in):
    record_payment(cast.acme, Decimal("200.00"), by=cast.bill, parts={owing.pk: Decimal("100.00")})
    record_payment(cast.cedar, Decimal("777.00"), by=cast.bill)
    page = sign_in(cast.cora).get("/billing/")
    assert credits(page) == [("EUR", "19.00", "100.00")]
    words = page.content.decode()
    assert "Your credit" in words and "€100.00" in words and "777" not in words


def test_what_a_credit_note_leaves_over_is_credit_until_it_is_set_against_another(cast, owing, sign_in):
    record_payment(cast.acme, Decimal("119.00"), by=cast.bill, oldest_first=True)
    note = credit_lines(owing, {owing.lines.get().pk: Decimal("50.00")}, by=cast.bill, reason="Half a load")
    cora = sign_in(cast.cora)
    assert credits(cora.get("/billing/")) == [("EUR", "0.00", "59.50")]
    billed(cast, cast.acme, on=TODAY)
    allocate(note, None, by=cast.bill)
    page = cora.get("/billing/")
    assert credits(page) == [("EUR", "59.50", "0.00")]
    assert "Your credit" not in page.content.decode()


def test_credit_in_a_currency_stands_there_and_nowhere_else(cast, owing, sign_in):
    BillingProfile.objects.filter(customer=cast.birch).update(currency="CHF")
    record_payment(cast.birch, Decimal("30.00"), by=cast.bill, currency="CHF")
    assert credits(sign_in(cast.cora).get("/billing/")) == [("CHF", "0.00", "30.00"), ("EUR", "119.00", "0.00")]


def test_of_the_account_she_switched_to_alone(cast, owing, sign_in):
    record_payment(cast.birch, Decimal("30.00"), by=cast.bill)
    cora = sign_in(cast.cora)
    cora.post("/accounts/switch/", {"account": cast.birch.pk})
    assert credits(cora.get("/billing/")) == [("EUR", "0.00", "30.00")]
