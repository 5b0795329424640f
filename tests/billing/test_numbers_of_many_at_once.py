"""Many post at once, and half of them fail: the numbers have no gap, and every order is billed once."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from billing.invariants import broken
from billing.models import Invoice
from billing.services import discard_invoice, make_invoices, post_invoice
from console.errors import Refused
from permissions.services.merging import merge_customers
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.jobs.test_concurrency import all_at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="races need more than one writer: PostgreSQL only"),
]
CROWD, EACH = 8, 10


class Fails(Exception):
    """Something breaks after the number was taken."""


def test_numbers_have_no_gap_though_half_of_the_postings_fail(cast: Cast) -> None:
    set_up_billing()
    for customer in (cast.acme, cast.birch):
        bill_to(customer)
    jobs = [order((cast.acme, cast.birch)[n % 2]).pk for n in range(CROWD * EACH)]
    invoices = make_invoices(jobs, by=cast.bill, each_alone=True).invoices

    def post(number: int) -> int:
        posted = 0
        for place, invoice in enumerate(invoices[number::CROWD]):
            try:
                with transaction.atomic():
                    post_invoice(invoice, by=cast.bill)
                    if place % 2:
                        raise Fails
                posted += 1
            except Fails:
                continue
        return posted

    assert all_at_once(post, CROWD) == [EACH // 2] * CROWD
    assert Invoice.objects.posted().count() == CROWD * EACH // 2
    assert not broken()


def test_two_who_bill_the_same_orders_get_each_once(cast: Cast) -> None:
    set_up_billing()
    jobs = [order(cast.acme).pk for _ in range(6)]
    made = all_at_once(lambda n: make_invoices(jobs if n % 2 else jobs[::-1], by=cast.bill), CROWD)
    assert sum(len(one.invoices) for one in made) == 1, made
    assert not broken()


def test_posted_and_discarded_at_once_it_is_one_of_both(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    answers = all_at_once(
        lambda n: (post_invoice if n % 2 else discard_invoice)(invoice, by=cast.bill),
        CROWD,
    )
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1, answers
    assert all(isinstance(answer, Refused) for answer in answers if isinstance(answer, Exception)), answers
    assert not broken()


def test_posted_while_its_customer_is_merged_both_are_done_or_refused(cast: Cast) -> None:
    set_up_billing()
    for customer in (cast.acme, cast.birch):
        bill_to(customer)
    invoices = make_invoices([order(cast.birch).pk for _ in range(CROWD)], by=cast.bill, each_alone=True).invoices

    def act(number: int) -> object:
        if number == 0:
            return merge_customers(cast.acme, cast.birch, by=cast.olivia)
        return post_invoice(invoices[number], by=cast.bill)

    answers = all_at_once(act, CROWD)
    assert all(isinstance(answer, Refused) for answer in answers if isinstance(answer, Exception)), answers
    assert not broken()
