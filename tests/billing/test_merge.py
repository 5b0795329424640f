"""Two customers become one, and two again: what they owe goes along."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audit.restore import Hindered, restore_request
from billing.invariants import broken
from billing.models import CustomerAccount, Invoice
from billing.searching import write_texts_of_documents
from billing.services import make_invoices, post_invoice, void_invoice
from console.errors import Refused
from console.taking_back import StaffJudge
from jobs.services import update_job
from permissions.services.merging import merge_customers
from portal_site.records import addresses_on
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


def _take_back(cast: Cast) -> None:
    merged = cast.acme.history.latest("history_id")
    restore_request(merged.request_id, by=cast.olivia, judge=StaffJudge(cast.olivia))


def _posted_of_birch(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.birch)
    return post_invoice(make_invoices([order(cast.birch).pk], by=cast.bill).invoices[0], by=cast.bill)


def test_credited_since_the_merge_it_stays(cast: Cast) -> None:
    invoice = _posted_of_birch(cast)
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    invoice.refresh_from_db()
    void_invoice(invoice, by=cast.bill, reason="Wrong")
    with pytest.raises(Hindered):
        _take_back(cast)
    assert not broken()


def test_credited_before_the_merge_both_go_back(cast: Cast) -> None:
    invoice = _posted_of_birch(cast)
    note = void_invoice(invoice, by=cast.bill, reason="Wrong")
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    _take_back(cast)
    invoice.refresh_from_db()
    note.refresh_from_db()
    assert invoice.customer_id == note.customer_id == cast.birch.pk
    assert not broken()


def test_credited_while_the_merge_is_taken_back_no_account_goes_wrong(cast: Cast) -> None:
    invoice = _posted_of_birch(cast)
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    as_read_before = Invoice.objects.get(pk=invoice.pk)
    _take_back(cast)
    with pytest.raises(Refused, match="merged"):
        void_invoice(as_read_before, by=cast.bill, reason="Wrong")
    assert not broken()


def test_what_became_of_a_released_order_is_not_told_to_whom_it_was_billed(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    void_invoice(post_invoice(invoice, by=cast.bill), by=cast.bill, reason="Wrong customer", bill_anew=True)
    job = invoice.invoice_jobs.get().job
    update_job(job, {"customer": cast.birch, "address": "9 Birch Lane"}, by=cast.bill)
    write_texts_of_documents([cast.acme.pk])
    assert "Birch" not in str(addresses_on([invoice]))
    assert not Invoice.objects.matching("birch lane").exists()


def test_billed_since_the_merge_an_order_stays_with_its_invoice(cast: Cast) -> None:
    set_up_billing()
    job = order(cast.birch)
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    with pytest.raises(Hindered):
        _take_back(cast)
    job.refresh_from_db()
    assert job.customer_id == invoice.customer_id
