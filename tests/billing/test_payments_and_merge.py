"""Two customers become one, and two again: what they paid goes along, and is found under the name it has then."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Customer
from audit.restore import Hindered, restore_request
from billing.invariants import broken
from billing.models import CustomerAccount, Invoice, Payment
from billing.services import allocate, make_invoices, post_invoice, record_payment, refund, write_off
from console.taking_back import StaffJudge
from permissions.services.merging import merge_customers
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(cast: Cast) -> Invoice:
    """Birch owes 142.80, of which 20 was written off and 22.80 paid; of what else it paid, 10 went back."""
    set_up_billing()
    bill_to(cast.acme)
    bill_to(cast.birch)
    [invoice] = make_invoices([order(cast.birch).pk], by=None).invoices
    invoice = post_invoice(invoice, by=None)
    write_off(invoice, by=cast.bill, reason="Small", amount=Decimal("20.00"))
    payment = record_payment(cast.birch, Decimal("60.00"), by=cast.bill, parts={invoice.pk: Decimal("22.80")})
    refund(payment, Decimal("10.00"), by=cast.bill, reason="Asked for")
    return invoice


def _owed(name: str) -> Decimal:
    return CustomerAccount.objects.get(customer__name=name).balance


def _take_back(cast: Cast) -> None:
    merged = cast.acme.history.latest("history_id")
    restore_request(merged.request_id, by=cast.olivia, judge=StaffJudge(cast.olivia))


def test_what_came_went_back_and_was_given_up_goes_along_and_back(cast: Cast, paid: Invoice) -> None:
    assert (_owed("Birch Hotel"), broken()) == (Decimal("72.80"), {})
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    assert (_owed("Acme Builders"), broken()) == (Decimal("72.80"), {})
    assert Payment.objects.matching("acme").count() == 1
    _take_back(cast)
    assert (_owed("Acme Builders"), _owed("Birch Hotel"), broken()) == (Decimal(0), Decimal("72.80"), {})
    assert Payment.objects.matching("birch").count() == 1 and not Payment.objects.matching("acme").exists()
    assert Invoice.objects.matching("birch").count() == 1 and not Invoice.objects.matching("acme").exists()


def test_what_settles_the_others_invoice_since_holds_both_together(cast: Cast, paid: Invoice) -> None:
    kept = merge_customers(cast.acme, cast.birch, by=cast.olivia)
    [other] = make_invoices([order(kept).pk], by=None).invoices
    other = post_invoice(other, by=None)
    allocate(Payment.objects.get(), {other.pk: Decimal("5.00")}, by=cast.bill)
    with pytest.raises(Hindered) as hindered:
        _take_back(cast)
    assert any(str(other.number) in str(finding) for finding in hindered.value.findings)
    assert broken() == {} and Payment.objects.get().customer_id == kept.pk


def test_a_renamed_customers_payments_are_found_by_the_new_name(cast: Cast, paid: Invoice) -> None:
    birch = Customer.objects.get(pk=cast.birch.pk)
    birch.name = "Beech Hotel"
    birch.save()
    assert Payment.objects.matching("beech").exists() and not Payment.objects.matching("birch").exists()
