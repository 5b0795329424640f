"""A statement: what was owed before, what moved it, what is owed, how old that is; for all of it or for one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Location
from billing.invariants import broken
from billing.models import AccountEntry, Invoice, Payment
from billing.services import (
    allocate,
    credit_lines,
    make_invoices,
    post_invoice,
    record_payment,
    refund,
    release_credit,
    void_payment,
    write_off,
)
from billing.statements import NO_LOCATION, DoesNotAddUp, Statement, statement_of
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 11, 30)
Billed = Callable[..., Invoice]


@pytest.fixture
def billed(cast: Cast, time_machine) -> Billed:
    """``billed("100.00", "50.00", on=day)``: an invoice of Acme with 19 % on top, each price at a place of its own."""
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    set_up_billing()
    bill_to(cast.acme)

    def _billed(*prices: str, on: dt.date, nowhere: bool = False) -> Invoice:
        jobs = []
        for number, price in enumerate(prices, start=1):
            place = None if nowhere else yard(cast.acme, number)
            jobs.append(order(cast.acme, ("Skip", "1", price), location=place))
        [invoice] = make_invoices([job.pk for job in jobs], by=None).invoices
        return post_invoice(invoice, by=None, issue_on=on)

    return _billed


def yard(customer: Customer, number: int) -> Location:
    return customer.locations.get_or_create(street=f"Yard {number}")[0]


def told(customer: Customer, **requested: object) -> Statement:
    facts: dict[str, object] = {"currency": "EUR", "first": FIRST, "last": LAST}
    return statement_of(customer, **(facts | requested))  # type: ignore[arg-type]


def rows(statement: Statement) -> list[tuple[str, str, str]]:
    return [(f"{row.on:%d.%m.}", str(row.amount), str(row.balance)) for row in statement.rows]


def test_she_reads_october_and_november(cast: Cast, billed: Billed) -> None:
    billed("10.00", on=dt.date(2026, 9, 20))
    old = billed("100.00", on=dt.date(2026, 10, 5))
    billed("200.00", "50.00", on=dt.date(2026, 11, 20))
    record_payment(cast.acme, Decimal("100.00"), by=cast.bill, received_on=dt.date(2026, 11, 3))
    write_off(old, by=cast.bill, reason="Small sum", amount=Decimal("19.00"))
    found = told(cast.acme)
    assert (str(found.opening), str(found.closing)) == ("11.90", "309.40")
    assert rows(found) == [
        ("05.10.", "119.00", "130.90"),
        ("03.11.", "-100.00", "30.90"),
        ("20.11.", "297.50", "328.40"),
        ("28.11.", "-19.00", "309.40"),
    ]
    # Of the last day: due on 4 December, on 19 October, on 4 October; the payment settles nothing yet.
    assert [str(age.amount) for age in found.ageing] == ["297.50", "0.00", "111.90", "0.00", "0.00"]
    assert (str(found.unassigned), str(found.billed), str(found.paid)) == ("100.00", "416.50", "119.00")
    assert [row.words.partition(" ")[0] for row in found.rows] == ["Invoice", "Payment", "Invoice", "Write-off"]


def test_an_account_without_anything_is_at_nothing(cast: Cast) -> None:
    found = told(cast.acme)
    assert (found.rows, found.opening, found.closing, found.unassigned) == ((), 0, 0, 0)


def test_the_strangers_rows_are_not_in_it(cast: Cast, billed: Billed) -> None:
    bill_to(cast.cedar)
    billed("100.00", on=dt.date(2026, 10, 5))
    job = order(cast.cedar, ("Else", "1", "777.00"))
    [invoice] = make_invoices([job.pk], by=None).invoices
    post_invoice(invoice, by=None)
    assert told(cast.acme).closing == Decimal("119.00")
    assert told(cast.acme, currency="CHF").closing == 0


def test_places_add_up_to_the_account_to_the_cent(cast: Cast, billed: Billed) -> None:
    """Three places, a third of it paid, more paid than owed, and one order without a place."""
    billed("33.33", "33.33", "33.33", on=dt.date(2026, 10, 5))
    billed("10.00", on=dt.date(2026, 10, 6), nowhere=True)
    record_payment(cast.acme, Decimal("40.00"), by=cast.bill, oldest_first=True)
    record_payment(cast.acme, Decimal("7.00"), by=cast.bill)
    whole = told(cast.acme)
    places = {key: told(cast.acme, location=key or NO_LOCATION) for key in balances(cast)}
    assert len(places) == 4
    assert sum(one.closing for one in places.values()) == whole.closing + whole.unassigned_payments
    assert {key: one.closing for key, one in places.items()} == balances(cast)
    assert str(places[None].closing) == "11.90" and {one.unassigned for one in places.values()} == {Decimal(0)}
    assert {str(one.unassigned_payments) for one in places.values()} == {"7.00"}
    first = places[yard(cast.acme, 1).pk]
    assert len(first.rows) == 2 and "for R-" in first.rows[1].words and not broken()


def balances(cast: Cast) -> dict[int | None, Decimal]:
    return dict(told(cast.acme).places)


def test_a_credit_note_of_one_place_settles_another(cast: Cast, billed: Billed) -> None:
    first = billed("100.00", on=dt.date(2026, 10, 5))
    record_payment(cast.acme, Decimal("119.00"), by=cast.bill, oldest_first=True)
    note = credit_lines(first, {first.lines.get().pk: Decimal("50.00")}, by=cast.bill, reason="Half a load")
    other = billed("1.00", "20.00", on=dt.date(2026, 11, 1))
    allocate(note, {other.pk: Decimal("20.00")}, by=cast.bill)
    here, there = told(cast.acme, location=yard(cast.acme, 1).pk), told(cast.acme, location=yard(cast.acme, 2).pk)
    assert here.closing + there.closing == told(cast.acme).closing == Decimal("-34.51")
    assert "used at another location" in here.rows[-1].words and here.rows[-1].amount > 0
    assert there.rows[-1].words.endswith(f", for {other.number}") and there.rows[-1].amount < 0
    release_credit(note, [other], by=cast.bill, reason="Not this one")
    assert told(cast.acme, location=yard(cast.acme, 2).pk).closing == Decimal("23.80")
    refund(Invoice.objects.get(pk=note.pk), Decimal("59.50"), by=cast.bill, reason="Back")
    assert told(cast.acme, location=yard(cast.acme, 1).pk).closing == Decimal("1.19") and not broken()


def test_as_it_was_on_3_november(cast: Cast, billed: Billed, time_machine) -> None:
    """What is written later, of whatever day, changes nothing of the page of that day."""
    time_machine.move_to("2026-11-03T12:00:00Z", tick=False)
    invoice = billed("100.00", "50.00", on=dt.date(2026, 10, 5))
    time_machine.move_to("2026-11-03T12:00:00Z", tick=False)
    payment = record_payment(cast.acme, Decimal("60.00"), by=cast.bill, received_on=dt.date(2026, 11, 2))
    allocate(payment, None, by=cast.bill)
    known = dt.datetime(2026, 11, 3, 23, 59, tzinfo=dt.UTC)
    places: tuple[int | None, ...] = (None, yard(cast.acme, 1).pk, yard(cast.acme, 2).pk)
    before = [told(cast.acme, known_at=known, location=place) for place in places]
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    void_payment(Payment.objects.get(), by=cast.bill, reason="It bounced")
    billed("7.00", on=dt.date(2026, 10, 20))
    write_off(invoice, by=cast.bill, reason="Gone", amount=Decimal("5.00"), on=dt.date(2026, 11, 1))
    assert [told(cast.acme, known_at=known, location=place) for place in places] == before
    assert told(cast.acme).closing != before[0].closing
    words = [row.words for row in told(cast.acme).rows]
    assert words[-1].endswith(", taken back")


def test_what_is_dated_later_than_what_settles_it(cast: Cast, billed: Billed) -> None:
    """An invoice of next month is paid today, and another one given up on its date: each day adds up."""
    late = billed("10.00", on=dt.date(2026, 11, 27))
    december = billed("100.00", on=dt.date(2026, 12, 20))
    record_payment(cast.acme, Decimal("119.00"), by=cast.bill, parts={december.pk: Decimal("119.00")})
    write_off(late, by=cast.bill, reason="Gone", on=dt.date(2026, 11, 27))
    for last in (LAST, dt.date(2026, 11, 22), dt.date(2026, 12, 31)):
        for place in (None, yard(cast.acme, 1).pk):
            told(cast.acme, last=last, location=place)
    assert (str(told(cast.acme).closing), str(told(cast.acme).unassigned)) == ("-119.00", "119.00")
    assert told(cast.acme, last=december.issued_on).closing == 0


def test_nothing_wrong_is_ever_told(cast: Cast, billed: Billed, monkeypatch: pytest.MonkeyPatch) -> None:
    billed("100.00", on=dt.date(2026, 10, 5))
    monkeypatch.setattr("billing.statements._Ledger.ageing", lambda self: ())
    with pytest.raises(DoesNotAddUp, match=r"119\.00 by its rows, 0\.00 by age"):
        told(cast.acme)


def test_two_hundred_rows_cost_the_queries_of_two(cast: Cast, billed: Billed) -> None:
    billed("100.00", on=dt.date(2026, 10, 5))
    record_payment(cast.acme, Decimal("1.00"), by=cast.bill, oldest_first=True)

    place = yard(cast.acme, 1).pk

    def queries() -> list[int]:
        counts = []
        for where in (None, place, NO_LOCATION):
            with CaptureQueriesContext(connection) as caught:
                told(cast.acme, location=where)
            counts.append(len(caught))
        return counts

    few = queries()
    payment = Payment.objects.get()
    for _number in range(66):
        made = record_payment(cast.acme, Decimal("1.00"), by=cast.bill, oldest_first=True)
        void_payment(made, by=cast.bill, reason="Again")
    assert AccountEntry.objects.count() > 130 and payment.allocations.exists()
    assert queries() == few and max(few) <= 5
