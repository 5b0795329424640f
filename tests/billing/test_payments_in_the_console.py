"""Bill records money and puts it where it belongs; Sam looks; nobody else sees any of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.choices import InvoiceStatus, MoneyState
from billing.models import Invoice, Payment, WriteOff
from billing.services import make_invoices, post_invoice, record_payment, refund, write_off
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Skip exchange", "1", "100.00")).pk], by=cast.bill).invoices
    return post_invoice(invoice, by=cast.bill)


def _url(record: Any, button: str) -> str:
    return reverse(f"admin:billing_{record._meta.model_name}_{button}", args=[record.pk])


SENT = {"_form_submitted": "1"}


def test_bill_records_a_transfer_for_an_invoice(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    bill = sign_in(cast.bill)
    sent = SENT | {"amount": "150", "day": str(timezone.localdate()), "method": "bank_transfer", "their_reference": "R"}
    answer = bill.post(_url(posted, "pay"), sent, follow=True)
    assert "P-" in answer.content.decode() and "31.00" in answer.content.decode()
    payment = Payment.objects.get()
    assert (payment.created_by, str(payment.unassigned)) == (cast.bill, "31.00")
    page = bill.get(_url(payment, "change")).content.decode()
    assert str(posted) in page and "31.00" in page
    assert str(payment) in bill.get(_url(posted, "change")).content.decode()


def test_what_a_form_got_wrong_is_said_and_nothing_is_lost(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    bill = sign_in(cast.bill)
    for amount in ("-5", "0", "nonsense", "NaN", "1e20", "0.001"):
        sent = SENT | {"amount": amount, "day": str(timezone.localdate()), "method": "cash", "their_reference": "Kept"}
        answer = bill.post(_url(posted, "pay"), sent)
        assert answer.status_code == 200 and "Kept" in answer.content.decode(), amount
    assert not Payment.objects.exists()


def test_bill_puts_money_to_an_invoice_and_takes_it_from_there(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    bill, payment = sign_in(cast.bill), record_payment(cast.acme, Decimal("119.00"), by=None)
    assert "Unassigned" in bill.get(reverse("admin:billing_payment_changelist"), {"left": "yes"}).content.decode()
    bill.post(_url(payment, "allocate"), SENT | {f"invoice_{posted.pk}": "119.00"})
    assert Invoice.objects.get(pk=posted.pk).status == InvoiceStatus.PAID
    none = bill.post(_url(payment, "release"), SENT | {"reason": "Wrong one"})
    assert "Choose the invoices" in none.content.decode()
    bill.post(_url(payment, "release"), SENT | {"reason": "Wrong one", f"invoice_{posted.pk}": "on"})
    assert Invoice.objects.get(pk=posted.pk).status == InvoiceStatus.POSTED


def test_bill_takes_back_what_was_typed_wrongly(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    bill, payment = sign_in(cast.bill), record_payment(cast.acme, Decimal("119.00"), by=None, oldest_first=True)
    assert "1 invoice is open again" in bill.get(_url(payment, "void")).content.decode()
    bill.post(_url(payment, "void"), SENT | {"reason": "Typed wrongly"})
    payment.refresh_from_db()
    assert (payment.state, payment.void_reason) == (MoneyState.VOIDED, "Typed wrongly")
    assert "Typed wrongly" in bill.get(_url(payment, "change")).content.decode()
    bill.post(_url(posted, "write_off"), SENT | {"amount": "119.00", "reason": "Bankrupt"})
    made = WriteOff.objects.get()
    bill.post(_url(made, "void"), SENT | {"reason": "It came"})
    assert Invoice.objects.get(pk=posted.pk).status == InvoiceStatus.POSTED


def _all_of_it(cast: Cast, posted: Invoice) -> list[Any]:
    payment = record_payment(cast.acme, Decimal("50.00"), by=None)
    return [payment, refund(payment, Decimal("1.00"), by=None, reason="x"), write_off(posted, by=None, reason="x")]


def test_sam_reads_all_of_it_and_changes_nothing(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    sam = sign_in(cast.sam)
    for record in _all_of_it(cast, posted):
        assert sam.get(reverse(f"admin:billing_{record._meta.model_name}_changelist")).status_code == 200
        assert sam.get(_url(record, "change")).status_code == 200
        assert sam.post(_url(record, "void"), SENT | {"reason": "x"}).status_code == 403
    assert sam.get(reverse("admin:billing_payment_record_one")).status_code == 403


@pytest.mark.parametrize("name", ["dana", "ines", "nell"])
def test_others_see_no_money_that_came(cast: Cast, sign_in: Any, posted: Invoice, name: str) -> None:
    client = sign_in(getattr(cast, name))
    for record in _all_of_it(cast, posted):
        assert client.get(reverse(f"admin:billing_{record._meta.model_name}_changelist")).status_code == 403
        assert client.get(_url(record, "change")).status_code in (302, 403)
    record_payment(cast.acme, Decimal("5.00"), by=None)
    shown = client.get(_url(posted, "change"))
    assert "P-" not in shown.content.decode() if shown.status_code == 200 else True


@pytest.mark.parametrize("kind", ["payment", "refund", "writeoff"])
def test_a_list_asks_as_often_for_many_as_for_two(cast: Cast, sign_in: Any, posted: Invoice, kind: str) -> None:
    bill, address = sign_in(cast.bill), reverse(f"admin:billing_{kind}_changelist")

    def more(count: int) -> None:
        for _place in range(count):
            payment = record_payment(cast.acme, Decimal("5.00"), by=None)
            refund(payment, Decimal("1.00"), by=None, reason="x")
            write_off(posted, by=None, reason="x", amount=Decimal("0.10"))

    def queries_of_the_list() -> int:
        bill.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert bill.get(address).status_code == 200
        return len(queries)

    more(2)
    few = queries_of_the_list()
    more(38)
    assert queries_of_the_list() == few
