"""The receipt of an order says what it came to, and nothing of what the office notes."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from billing.documents import order_receipt
from billing.services import make_invoices, post_invoice
from jobs.models import Job
from tests.billing.making import bill_to, order, set_up_billing
from tests.billing.papers import text_of
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_it_says_what_where_and_how_much(cast: Cast) -> None:
    job = order(
        cast.acme,
        ("Skip <b>exchange</b>", "2", "95.00"),
        ("Hour", "1.5", "60.00"),
        notes="The dog bites",
        asset_id="SK-231",
    )
    text = text_of(order_receipt(job))
    for words in (
        f"Order receipt {job.number}", "Acme Builders", "12 Mill Lane, Hamburg", "SK-231", "Skip <b>exchange</b>",
        "€95.00", "€190.00", "1.5 piece", "€90.00", "Total, before tax", "€280.00", "This receipt is not an invoice.",
    ):  # fmt: skip
        assert words in text, words
    assert f"{job.completed_at:%-d %B %Y}" in text
    assert "dog" not in text and "Invoice" not in text


def test_it_names_its_invoice(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme, ("Hour", "1", "60.00"))
    Job.objects.filter(pk=job.pk).update(prices_include_tax=True)
    [pending] = make_invoices([job.pk], by=cast.bill).invoices
    job.refresh_from_db()
    assert "pending" not in text_of(order_receipt(job))
    invoice = post_invoice(pending, by=cast.bill)
    job.refresh_from_db()
    assert str(invoice.number) in text_of(order_receipt(job)) and "Total, with tax" in text_of(order_receipt(job))
    with override("de"):
        assert "60,00" in text_of(order_receipt(job))


def test_an_order_without_a_price_has_a_receipt(cast: Cast) -> None:
    job = order(cast.acme, done=False, amount=None)
    assert job.number in text_of(order_receipt(job))
