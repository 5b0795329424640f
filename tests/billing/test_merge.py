"""Two customers become one, and two again: what they owe goes along."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audit.restore import restore_request
from billing.invariants import broken
from billing.models import CustomerAccount, Invoice
from billing.services import make_invoices, post_invoice
from console.taking_back import StaffJudge
from permissions.services.merging import merge_customers
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def _billed(cast: Cast) -> None:
    set_up_billing()
    for customer in (cast.acme, cast.birch):
        bill_to(customer)
        [invoice] = make_invoices([order(customer).pk], by=cast.bill).invoices
        post_invoice(invoice, by=cast.bill)
        make_invoices([order(customer).pk], by=cast.bill)
    assert not broken()


def _owed(name: str) -> Decimal | None:
    account = CustomerAccount.objects.filter(customer__name=name).first()
    return account.balance if account else None


def test_what_both_owed_is_owed_by_the_one_that_stays(cast: Cast) -> None:
    _billed(cast)
    kept = merge_customers(cast.acme, cast.birch, by=cast.olivia)
    assert Invoice.objects.filter(customer=kept).count() == 4
    assert _owed("Acme Builders") == Decimal("285.60")
    assert not broken()


def test_the_one_that_stays_keeps_its_own_address(cast: Cast) -> None:
    _billed(cast)
    kept = merge_customers(cast.acme, cast.birch, by=cast.olivia)
    assert kept.billing_profile.customer_id == kept.pk


def test_an_address_moves_to_one_that_has_none(cast: Cast) -> None:
    set_up_billing()
    profile = bill_to(cast.birch, street="Dock 9")
    kept = merge_customers(cast.acme, cast.birch, by=cast.olivia)
    profile.refresh_from_db()
    assert profile.customer == kept


def test_taken_back_each_owes_its_own(cast: Cast) -> None:
    _billed(cast)
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    merged = cast.acme.history.latest("history_id")
    restore_request(merged.request_id, by=cast.olivia, judge=StaffJudge(cast.olivia))
    assert (_owed("Acme Builders"), _owed("Birch Hotel")) == (Decimal("142.80"), Decimal("142.80"))
    assert not broken()
