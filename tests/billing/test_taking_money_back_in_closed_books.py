"""What is taken back is dated today: not while the books of today are closed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.models import AccountEntry, BillingSettings
from billing.services import (
    make_invoices,
    post_invoice,
    record_payment,
    refund,
    save_billing_settings,
    void_payment,
    void_refund,
    void_write_off,
    write_off,
)
from console.errors import Refused
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_nothing_is_taken_back_into_closed_books(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Skip", "1", "100.00")).pk], by=None).invoices
    given_up = write_off(post_invoice(invoice, by=None), by=None, reason="Insolvent")
    payment = record_payment(cast.acme, Decimal("50.00"), by=None)
    other = record_payment(cast.acme, Decimal("50.00"), by=None)
    back = refund(other, Decimal("50.00"), by=None, reason="Hers")
    settings = BillingSettings.load()
    settings.books_closed_until = timezone.localdate()
    save_billing_settings(settings, by=None)
    count = AccountEntry.objects.count()
    for take_back, record in ((void_payment, payment), (void_refund, back), (void_write_off, given_up)):
        with pytest.raises(Refused, match="books are closed"):
            take_back(record, by=None, reason="A slip")
    assert AccountEntry.objects.count() == count


def test_no_money_goes_back_before_it_came(cast: Cast) -> None:
    set_up_billing()
    payment = record_payment(cast.acme, Decimal("50.00"), by=None)
    yesterday = timezone.localdate() - timedelta(days=1)
    with pytest.raises(Refused, match="nothing of it went back before"):
        refund(payment, Decimal("50.00"), by=None, reason="Hers", on=yesterday)
