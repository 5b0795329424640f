"""Whatever happens to an account, and on which days: its statements add up, and what was known stays known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Customer
from billing.choices import DocumentKind, MoneyState
from billing.invariants import broken
from billing.models import Invoice, Payment, Refund, WriteOff
from billing.services import (
    allocate,
    credit_lines,
    left_of,
    make_invoices,
    post_invoice,
    record_payment,
    refund,
    release_credit,
    save_billing_settings,
    void_invoice,
    void_payment,
    void_refund,
    void_write_off,
    write_off,
)
from billing.statements import NO_LOCATION, Statement, statement_of
from console.errors import Refused
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)
# What happens, to which record, with how much, dated how many days away; and how many days pass before.
acts = st.tuples(
    st.sampled_from(
        ["bill", "bill", "pay", "pay", "pay", "allocate", "release", "credit", "void", "write off", "refund",
         "void payment", "void refund", "void write-off"]
    ),
    st.integers(0, 3),
    st.integers(1, 20000),
    st.integers(-20, 10),
    st.integers(0, 4),
)  # fmt: skip


class Story:
    """An account to which things happen; what is refused does not happen."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.places = [customer.locations.get_or_create(street=f"Yard {number}")[0] for number in (1, 2)]

    def happen(self, what: str, which: int, cents: int, away: int, today: dt.date) -> None:
        day, amount = today + dt.timedelta(days=away), Decimal(cents) / 100
        invoices = list(Invoice.objects.filter(customer=self.customer, kind=DocumentKind.INVOICE).order_by("-pk"))
        notes = list(Invoice.objects.filter(customer=self.customer, kind=DocumentKind.CREDIT_NOTE).order_by("-pk"))
        payments = list(Payment.objects.filter(state=MoneyState.SUCCEEDED).order_by("-pk"))
        credits = [*payments[:2], *notes[:2]]
        one = invoices[which % len(invoices)] if invoices else None
        credit = credits[which % len(credits)] if credits else None
        if what == "bill":
            self.bill(which, amount, day)
        elif what == "pay":
            record_payment(self.customer, amount, by=None, received_on=min(day, today), oldest_first=which != 0)
        elif what == "allocate" and credit:
            allocate(credit, None, by=None)
        elif what == "release" and credit and one:
            release_credit(credit, [one], by=None, reason="-")
        elif what == "credit" and one:
            line = list(one.lines.all())[which % one.lines.count()]
            part = min(amount, left_of(one)[line.pk].printed)
            credit_lines(one, {line.pk: part}, by=None, reason="-", issue_on=day)
        elif what == "void" and one:
            void_invoice(one, by=None, reason="-", issue_on=day)
        elif what == "write off" and one:
            write_off(one, by=None, reason="-", amount=min(amount, one.balance), on=min(day, today))
        elif what == "refund" and credit:
            left = credit.unassigned if isinstance(credit, Payment) else credit.balance
            refund(credit, min(amount, left), by=None, reason="-", on=min(day, today))
        elif what == "void payment" and payments:
            void_payment(payments[which % len(payments)], by=None, reason="-")
        elif what == "void refund" and (back := Refund.objects.order_by("-pk").first()):
            void_refund(back, by=None, reason="-")
        elif what == "void write-off" and (gone := WriteOff.objects.order_by("-pk").first()):
            void_write_off(gone, by=None, reason="-")

    def bill(self, which: int, amount: Decimal, day: dt.date) -> None:
        places = {0: [None], 1: self.places[:1], 2: self.places, 3: [*self.places, None]}[which]
        jobs = [
            order(self.customer, ("Skip", "1", str(amount + number)), location=place)
            for number, place in enumerate(places)
        ]
        [invoice] = make_invoices([job.pk for job in jobs], by=None).invoices
        post_invoice(invoice, by=None, issue_on=day)

    def pages(self, last: dt.date, known_at: dt.datetime | None = None) -> list[Statement]:
        """The whole account, each place, and what is of none."""
        first = last - dt.timedelta(days=7)
        where = (None, *(place.pk for place in self.places), NO_LOCATION)
        return [
            statement_of(self.customer, currency="EUR", first=first, last=last, location=one, known_at=known_at)
            for one in where
        ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(acts, min_size=2, max_size=9))
def test_every_statement_of_it_adds_up(cast: Cast, time_machine, story) -> None:
    now = START
    time_machine.move_to(now, tick=False)
    with transaction.atomic():
        rules = set_up_billing()
        rules.dates_in_number_order = False
        save_billing_settings(rules, by=None)
        bill_to(cast.acme)
        told, known = Story(cast.acme), []
        for what, which, cents, away, later in story:
            now += dt.timedelta(days=later, seconds=1)
            time_machine.move_to(now, tick=False)
            try:
                with transaction.atomic():
                    told.happen(what, which, cents, away, now.date())
            except Refused:
                continue
            assert not broken(frozenset({"I1", "I11"}))
            known.append((now, told.pages(now.date(), now)))
        for last in (START.date() - dt.timedelta(days=8), START.date(), now.date(), now.date() + dt.timedelta(days=30)):
            whole, *places = told.pages(last)
            assert sum(one.closing for one in places) == whole.closing + whole.unassigned_payments
            by_place = whole.places
            assert [by_place.get(place.pk, Decimal(0)) for place in told.places] == [one.closing for one in places[:2]]
            for before, after in zip(told.pages(last), told.pages(last + dt.timedelta(days=8)), strict=True):
                assert before.closing == after.opening
        for moment, pages in known:
            assert told.pages(moment.date(), moment) == pages
        transaction.set_rollback(True)
