"""Whatever the office does with invoices and money, in whatever order: the ledger holds after every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Customer
from billing.choices import DocumentKind, InvoiceStatus, MoneyState
from billing.invariants import broken
from billing.models import AccountEntry, CustomerAccount, Invoice, Payment, Refund, WriteOff
from billing.services import (
    allocate,
    credit_lines,
    discard_invoice,
    left_of,
    left_of_credit,
    make_invoices,
    post_invoice,
    record_payment,
    refund,
    release_credit,
    void_invoice,
    void_payment,
    void_refund,
    void_write_off,
    write_off,
)
from billing.services.settling import open_of_places
from console.errors import Refused
from money.minor import ZERO
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

# Of which record: the nth of those there are.
nth = st.integers(0, 30)
# In cents.
cents = st.integers(1, 30_000).map(lambda amount: Decimal(amount) / 100)


class Office(RuleBasedStateMachine):
    """Two customers of two places each. ``owed``: what each owes, as a child would count it."""

    customers: list[Customer]

    @initialize()
    def begin(self) -> None:
        self.owed = {customer.pk: ZERO for customer in self.customers}

    def customer(self, place: int) -> Customer:
        return self.customers[place % len(self.customers)]

    def some(self, rows: Any, place: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[place % len(found)] if found else None

    def try_it(self, step: Callable[[], Any]) -> Any:
        """What a step gives, or None where it is refused: then nothing has changed."""
        try:
            with transaction.atomic():
                return step()
        except Refused:
            return None

    @rule(place=nth, prices=st.lists(st.tuples(cents, st.integers(0, 1)), min_size=1, max_size=3))
    def bill(self, place: int, prices: list[tuple[Decimal, int]]) -> None:
        customer = self.customer(place)
        yards = list(customer.locations.order_by("pk"))
        jobs = [order(customer, ("Skip", "1", str(price)), location=yards[yard % len(yards)]) for price, yard in prices]
        [invoice] = make_invoices([job.pk for job in jobs], by=None).invoices
        if place % 7 == 0:
            discard_invoice(invoice, by=None)
            return
        posted = self.try_it(lambda: post_invoice(invoice, by=None, issue_on=timezone.localdate()))
        self.owed[customer.pk] += posted.total if posted else ZERO

    @rule(place=nth, amount=cents, oldest=st.booleans(), days=st.integers(0, 40))
    def pay(self, place: int, amount: Decimal, oldest: bool, days: int) -> None:
        customer, on = self.customer(place), timezone.localdate() - timedelta(days=days)
        record_payment(customer, amount, by=None, oldest_first=oldest, received_on=on)
        self.owed[customer.pk] -= amount

    def credits(self) -> list[Payment | Invoice]:
        return [
            *Payment.objects.order_by("pk"),
            *Invoice.objects.posted().filter(kind=DocumentKind.CREDIT_NOTE).order_by("pk"),
        ]

    @precondition(lambda self: self.credits())
    @rule(place=nth, to=nth, amount=cents)
    def put_to(self, place: int, to: int, amount: Decimal) -> None:
        credits = self.credits()
        credit, invoice = credits[place % len(credits)], self.some(Invoice.objects.posted(), to)
        if invoice is not None:
            amount = min(amount, left_of_credit(credit) or amount, invoice.balance or amount)
            self.try_it(lambda: allocate(credit, {invoice.pk: amount}, by=None))

    @precondition(lambda self: self.credits())
    @rule(place=nth, to=nth)
    def take_from(self, place: int, to: int) -> None:
        credits = self.credits()
        credit, invoice = credits[place % len(credits)], self.some(Invoice.objects.posted(), to)
        if invoice is not None:
            self.try_it(lambda: release_credit(credit, [invoice], by=None, reason="Wrong one"))

    @precondition(lambda self: self.credits())
    @rule(place=nth, amount=cents)
    def give_back(self, place: int, amount: Decimal) -> None:
        credits = self.credits()
        credit = credits[place % len(credits)]
        amount = min(amount, left_of_credit(credit) or amount)
        if self.try_it(lambda: refund(credit, amount, by=None, reason="Asked for")):
            self.owed[credit.customer_id] += amount

    @rule(place=nth)
    def bounce(self, place: int) -> None:
        payment = self.some(Payment.objects.booked(), place)
        if payment is not None and self.try_it(lambda: void_payment(payment, by=None, reason="Bounced")):
            self.owed[payment.customer_id] += payment.amount

    @rule(place=nth)
    def came_back(self, place: int) -> None:
        made = self.some(Refund.objects.filter(state=MoneyState.SUCCEEDED), place)
        if made is not None and self.try_it(lambda: void_refund(made, by=None, reason="Came back")):
            self.owed[made.customer_id] -= made.amount

    @rule(place=nth, amount=cents)
    def give_up(self, place: int, amount: Decimal) -> None:
        invoice = self.some(Invoice.objects.open(), place)
        if invoice is not None:
            made = write_off(invoice, by=None, reason="Bankrupt", amount=min(amount, invoice.balance))
            self.owed[invoice.customer_id] -= made.amount

    @rule(place=nth)
    def came_after_all(self, place: int) -> None:
        made = self.some(WriteOff.objects.filter(state=MoneyState.SUCCEEDED), place)
        if made is not None:
            void_write_off(made, by=None, reason="It came")
            self.owed[made.customer_id] += made.amount

    @rule(place=nth, part=st.integers(1, 100))
    def credit(self, place: int, part: int) -> None:
        invoice = self.some(Invoice.objects.posted().filter(kind=DocumentKind.INVOICE), place)
        if invoice is None:
            return
        left = {key: one.printed for key, one in left_of(invoice).items() if one.printed}
        parts = {key: (amount * part / 100).quantize(Decimal("0.01")) for key, amount in left.items()}
        parts = {key: amount for key, amount in parts.items() if amount}
        note = self.try_it(lambda: credit_lines(invoice, parts, by=None, reason="Half a load")) if parts else None
        self.owed[invoice.customer_id] -= note.total if note else ZERO

    @rule(place=nth, anew=st.booleans())
    def void(self, place: int, anew: bool) -> None:
        invoice = self.some(Invoice.objects.posted().filter(kind=DocumentKind.INVOICE), place)
        if invoice is None:
            return
        given_up = {one.pk: one.amount for one in invoice.write_offs.filter(state=MoneyState.SUCCEEDED)}
        note = self.try_it(lambda: void_invoice(invoice, by=None, reason="Wrong", bill_anew=anew))
        if note is not None:
            self.owed[invoice.customer_id] += sum(given_up.values(), ZERO) - note.total
            assert Invoice.objects.get(pk=invoice.pk).status == InvoiceStatus.VOID

    @invariant()
    def the_ledger_holds(self) -> None:
        assert broken() == {}
        accounts = dict(CustomerAccount.objects.values_list("customer", "balance"))
        assert {key: accounts.get(key, ZERO) for key in self.owed} == self.owed

    @invariant()
    def places_come_to_the_whole(self) -> None:
        for document in Invoice.objects.posted():
            places = open_of_places(document)
            assert sum(places.values(), ZERO) == document.balance
            if not document.balance:
                assert not any(places.values())

    def teardown(self) -> None:
        assert not AccountEntry.objects.filter(amount=0).exists()


@pytest.fixture
def billing(cast: Cast) -> list[Customer]:
    set_up_billing()
    for customer in (cast.acme, cast.birch):
        bill_to(customer)
        for street in ("Yard 1", "Yard 2"):
            customer.locations.get_or_create(street=street)
    return [cast.acme, cast.birch]


def test_whatever_they_do_the_ledger_holds(billing: list[Customer]) -> None:
    class Here(Office):
        customers = billing

        def __init__(self) -> None:
            super().__init__()
            self.savepoint = transaction.savepoint()

        def teardown(self) -> None:
            super().teardown()
            transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
