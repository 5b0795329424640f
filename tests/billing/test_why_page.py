"""The page "Why?" answers whatever number is typed; of an invoice, why it is open, overdue, or can't be paid."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice
from billing.services import make_invoices, post_invoice, void_invoice
from business.models import PortalSettings
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.console.people import narrow

pytestmark = pytest.mark.django_db


def test_dana_who_types_an_invoices_number_or_nonsense_gets_a_page(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    number = post_invoice(invoice, by=cast.bill).number
    dana = sign_in(cast.dana)
    for typed in (number, "J-999999"):
        assert dana.get(reverse("admin:why"), {"job": typed}).status_code == 200


@pytest.fixture
def posted(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    day = timezone.localdate() - timedelta(days=20)
    return post_invoice(invoice, by=cast.bill, issue_on=day)


def opened(client: Any, invoice: Invoice, **more: Any) -> str:
    page: str = client.get(reverse("admin:why"), {"job": invoice.number} | more).content.decode()
    return page.replace("&#x27;", "'")


def test_dana_reads_why_it_is_overdue_and_that_nobody_pays_online(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    for more in ({}, {"person": cast.cora.pk, "permission": "pay_invoices"}):
        page = opened(sign_in(cast.dana), posted, **more)
        assert "It is open: €142.80 of €142.80 is still to be paid." in page
        assert re.search(r"It is overdue: it was due on \d+ \w+ \d{4}, 6 days ago\.", page)
        assert "online payment is switched off" in page


def test_switched_on_and_not_due_yet(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill_to(cast.acme)
    PortalSettings.objects.update(online_payment_enabled=True)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    page = opened(sign_in(cast.dana), post_invoice(invoice, by=cast.bill))
    assert "It isn't overdue: it is due on" in page and "switched off" not in page


def test_credited_it_is_not_open_and_the_note_is_named(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    note = void_invoice(posted, by=cast.bill, reason="Wrong customer")
    dana = sign_in(cast.dana)
    assert f"It isn't open, and nobody can pay it: all of it was credited by {note.number}." in opened(dana, posted)
    assert "It is a credit note of €142.80" in opened(dana, note)


def test_one_of_nothing_is_not_open(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Visit", "1", "0")).pk], by=cast.bill).invoices
    assert "it comes to nothing" in opened(sign_in(cast.dana), post_invoice(invoice, by=cast.bill))


def test_who_works_for_birch_alone_is_told_nothing_of_acmes(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    narrow(cast.dana, cast.birch)
    page = opened(sign_in(cast.dana), posted)
    assert "There is no job and no invoice with this number" in page and "142.80" not in page
