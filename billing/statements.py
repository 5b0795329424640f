"""A customer's account over a time: what was owed before, what moved it, what is owed now and since when.

Only reading. Everything follows from the ledger and from what settled what, so that any day can be asked for, and what
was known of it on any other. Why it is worked out like this: docs/decisions/0161-statements.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import chain
from typing import Any

from django.db.models import DateField, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from billing.choices import DocumentKind, EntryKind
from billing.models import AccountEntry, Allocation, Invoice
from money.minor import ZERO, AmountField


class NoLocation(Enum):
    """What was billed for no location, as a place beside the others."""

    NONE = "none"


NO_LOCATION = NoLocation.NONE
# The primary key of a location; ``NO_LOCATION``; None for the whole account.
Where = int | NoLocation | None

# The condition on entries that are of a place, or of none. Payments and what of them went back are not: they reach
# places by what they settle.
OF_PLACES = Q(payment__isnull=True, refund__payment__isnull=True)
# The last day, after the one on which it was due, of each age; None: older.
AGES: tuple[tuple[int | None, str | Promise], ...] = (
    (0, gettext_lazy("Not due yet")),
    (30, gettext_lazy("1 to 30 days overdue")),
    (60, gettext_lazy("31 to 60 days overdue")),
    (90, gettext_lazy("61 to 90 days overdue")),
    (None, gettext_lazy("More than 90 days overdue")),
)


class DoesNotAddUp(Exception):
    """What was worked out contradicts itself: no statement is better than a wrong one."""


@dataclass(frozen=True)
class StatementRow:
    """What moved the account, or the part of a place, on one day; above zero more is owed.

    ``invoice``: what a payment or credit note was put to, where the row is a part of it; ``is_back``: it takes an
    earlier row back; ``is_elsewhere``: what a credit note of this place settles at another one; ``document``: the
    key of the invoice or credit note itself; ``payment``: that of the payment, ``payment_reference``: how the
    companion site names it.
    """

    on: date
    kind: EntryKind
    number: str
    amount: Decimal
    balance: Decimal
    document: int | None = None
    payment: int | None = None
    payment_reference: str = ""
    due_on: date | None = None
    corrects: str = ""
    invoice: str = ""
    is_back: bool = False
    is_elsewhere: bool = False

    @property
    def words(self) -> str:
        """What it was, in a few words."""
        said = {"what": f"{self.kind.label} {self.number}", "invoice": self.invoice or self.corrects}
        if self.is_elsewhere and not self.is_back:
            return _("%(what)s, used at another location for %(invoice)s") % said
        if self.invoice:
            return (_("%(what)s, no longer for %(invoice)s") if self.is_back else _("%(what)s, for %(invoice)s")) % said
        if self.is_back:
            return _("%(what)s, taken back") % said
        return (_("%(what)s, corrects %(invoice)s") if self.corrects else "%(what)s") % said


@dataclass(frozen=True)
class Age:
    """What of the invoices is open, and so long overdue."""

    label: str | Promise
    amount: Decimal


@dataclass(frozen=True)
class Statement:
    """An account in one currency from a first to a last day (both included), or one place's part of it.

    ``unassigned_payments`` are the whole account's also where a place is told: they are of no place. ``places``: what
    was owed at the end for each location (its primary key; None: for none); together closing balance and unassigned
    payments of the whole account.
    """

    customer: Customer
    currency: str
    first: date
    last: date
    where: Where
    known_at: datetime | None
    opening: Decimal
    rows: tuple[StatementRow, ...]
    ageing: tuple[Age, ...]
    unassigned_payments: Decimal
    unassigned_credit: Decimal
    places: Mapping[int | None, Decimal]

    @property
    def closing(self) -> Decimal:
        """What was owed at the end of the last day; below zero, what the customer had to her credit."""
        return self.rows[-1].balance if self.rows else self.opening

    @property
    def unassigned(self) -> Decimal:
        """What is credit and settles no invoice yet: the ageing less this is the closing balance."""
        return self.unassigned_credit + (self.unassigned_payments if self.where is None else ZERO)

    @property
    def credit(self) -> Decimal:
        """The same below zero, as it stands below the ageing."""
        return ZERO - self.unassigned

    @property
    def credit_of_payments(self) -> Decimal:
        """What of payments is unassigned, below zero, as it stands below the balances of places."""
        return ZERO - self.unassigned_payments

    @property
    def billed(self) -> Decimal:
        """What came on top in this time."""
        return sum((row.amount for row in self.rows if row.amount > 0), ZERO)

    @property
    def paid(self) -> Decimal:
        """What was paid, credited or given up in this time."""
        return -sum((row.amount for row in self.rows if row.amount < 0), ZERO)


def statement_of(
    customer: Customer,
    *,
    currency: str,
    first: date,
    last: date,
    location: Where = None,
    known_at: datetime | None = None,
) -> Statement:
    """The account of a customer in a currency from ``first`` to ``last``, or one place's part of it.

    ``known_at`` (aware): as it was known then, whatever was written since. Costs the same few queries however many
    rows. Raises DoesNotAddUp instead of telling something wrong.
    """
    ledger = _Ledger(customer, currency, location, first, last, known_at)
    opening = ledger.opening()
    statement = Statement(
        customer,
        currency,
        first,
        last,
        location,
        known_at,
        opening,
        tuple(_running(opening, ledger.moves())),
        ledger.ageing(),
        ledger.unassigned_payments(),
        ledger.unassigned_credit(),
        ledger.places(),
    )
    _require_sound(statement)
    return statement


def _require_sound(statement: Statement) -> None:
    """Raise DoesNotAddUp unless rows, ageing and places, each worked out by itself, say the same."""
    by_age = sum((age.amount for age in statement.ageing), ZERO) - statement.unassigned
    if statement.where is None:
        by_place = sum(statement.places.values(), ZERO) - statement.unassigned_payments
    else:
        by_place = statement.places.get(_key(statement.where), ZERO)
    if not statement.closing == by_age == by_place:
        raise DoesNotAddUp(
            f"customer {statement.customer.pk} in {statement.currency}, {statement.first} to {statement.last}, "
            f"{statement.where}: {statement.closing} by its rows, {by_age} by age, {by_place} by place"
        )


def _key(where: Where) -> int | None:
    """How a place is written in the ledger."""
    return None if isinstance(where, NoLocation) else where


_TELLING = (
    "on", "kind", "number", "invoice", "invoice__due_on", "invoice__corrects__number", "payment", "payment__reference",
    "refund", "write_off",
)  # fmt: skip


@dataclass(frozen=True)
class _Move:
    """A row before its balance. ``order``: among those of its day, as they were written."""

    order: tuple[date, datetime, int, int]
    facts: dict[str, Any]
    amount: Decimal


# A row of sums by place: where there was nothing to add, None.
_Sums = Mapping[str, Any]


class _Ledger:
    """The entries and allocations of one account that were known at a moment, and what of them is of a place."""

    def __init__(
        self, customer: Customer, currency: str, where: Where, first: date, last: date, known_at: datetime | None
    ) -> None:
        self.customer, self.currency, self.where = customer, currency, where
        self.first, self.last = first, last
        known = Q() if known_at is None else Q(at__lte=known_at)
        self.whole = AccountEntry.objects.filter(known, customer=customer, currency=currency).order_by()
        self.entries = self.whole
        if where is not None:
            self.entries = self.whole.filter(OF_PLACES, self._at("location"))
        self.allocations = (
            Allocation.objects.filter(known, invoice__customer=customer, invoice__currency=currency)
            .order_by()
            .annotate(
                # What is settled before its date counts from that date on: there is nothing to settle before.
                day=Greatest(
                    "on",
                    "invoice__issued_on",
                    Coalesce("credit_note__issued_on", "on", output_field=DateField()),
                    output_field=DateField(),
                )
            )
        )

    def _at(self, column: str) -> Q:
        """The condition that this column names our place."""
        if self.where is None:
            return Q()
        return Q(**{f"{column}__isnull": True} if self.where is NO_LOCATION else {column: self.where})

    @cached_property
    def _booked_by_place(self) -> list[_Sums]:
        """What entries come to, place by place: those of places, and payments, which are of none."""
        of_payments = Q(payment__isnull=False) | Q(refund__payment__isnull=False)
        before, until = Q(on__lt=self.first), Q(on__lte=self.last)
        rows = self.whole.values("location").annotate(
            before=Sum("amount", filter=OF_PLACES & before),
            until=Sum("amount", filter=OF_PLACES & until),
            credit=Sum("amount", filter=OF_PLACES & until & ~Q(kind=EntryKind.INVOICE)),
            paid_before=Sum("amount", filter=of_payments & before),
            paid=Sum("amount", filter=of_payments & until),
        )
        return list(rows)

    @cached_property
    def _settled_by_place(self) -> list[_Sums]:
        """What allocations come to, by the place of the invoice and that of the credit note."""
        before, until = Q(day__lt=self.first), Q(day__lte=self.last)
        by_payment, by_note = Q(payment__isnull=False), Q(credit_note__isnull=False)
        rows = self.allocations.values("location", "credit_location").annotate(
            paid_before=Sum("amount", filter=by_payment & before),
            paid=Sum("amount", filter=by_payment & until),
            noted_before=Sum("amount", filter=by_note & before),
            noted=Sum("amount", filter=by_note & until),
            written_off=Sum("amount", filter=Q(write_off__isnull=False) & until),
        )
        return list(rows)

    def opening(self) -> Decimal:
        """What was owed when the first day began."""
        if self.where is None:
            return _total(self._booked_by_place, "before", "paid_before")
        return self._of_places("before", "paid_before", "noted_before").get(_key(self.where), ZERO)

    def places(self) -> dict[int | None, Decimal]:
        """What was owed for each place at the end of the last day."""
        return self._of_places("until", "paid", "noted")

    def _of_places(self, booked: str, paid: str, noted: str) -> dict[int | None, Decimal]:
        """What each place owes: its entries, less what payments settled there; credit notes go from place to place."""
        found: dict[int | None, Decimal] = {}
        for row in self._booked_by_place:
            if row[booked] is not None:
                found[row["location"]] = row[booked]
        for row in self._settled_by_place:
            here, there = row["location"], row["credit_location"]
            came, went = (row[paid] or ZERO) + (row[noted] or ZERO), row[noted] or ZERO
            if came:
                found[here] = found.get(here, ZERO) - came
            if went:
                found[there] = found.get(there, ZERO) + went
        return found

    def unassigned_payments(self) -> Decimal:
        """What of the account's payments was credit that settled nothing by the last day."""
        return ZERO - _total(self._booked_by_place, "paid") - _total(self._settled_by_place, "paid")

    def unassigned_credit(self) -> Decimal:
        """What else of our place was."""
        here = _key(self.where)
        everywhere = self.where is None
        booked = [row for row in self._booked_by_place if everywhere or row["location"] == here]
        given = [row for row in self._settled_by_place if everywhere or row["credit_location"] == here]
        lost = [row for row in self._settled_by_place if everywhere or row["location"] == here]
        return ZERO - _total(booked, "credit") - _total(given, "noted") - _total(lost, "written_off")

    def moves(self) -> list[_Move]:
        """What moved it from the first to the last day, in order."""
        moves = chain(self._booked(), self._settled() if self.where is not None else ())
        return sorted(moves, key=lambda move: move.order)

    def _booked(self) -> Iterator[_Move]:
        """Entries; those of one document for several places are one."""
        rows = self.entries.filter(on__range=(self.first, self.last))
        told = rows.annotate(is_back=Q(reverses__isnull=False)).values(*_TELLING, "is_back")
        for row in told.annotate(together=Sum("amount"), written=Min("at"), key=Min("pk")):
            facts = {
                "on": row["on"],
                "kind": EntryKind(row["kind"]),
                "number": row["number"],
                "document": row["invoice"],
                "payment": row["payment"],
                "payment_reference": row["payment__reference"] or "",
                "due_on": row["invoice__due_on"] if row["kind"] == EntryKind.INVOICE else None,
                "corrects": row["invoice__corrects__number"] or "",
                "is_back": row["is_back"],
            }
            yield _Move((row["on"], row["written"], 0, row["key"]), facts, row["together"])

    def _settled(self) -> Iterator[_Move]:
        """What payments brought to our place, and what credit notes of other places brought to it, or of it to them."""
        ours = Q(payment__isnull=False) & self._at("location")
        ours |= Q(credit_note__isnull=False) & (self._at("location") | self._at("credit_location"))
        rows = self.allocations.filter(ours, day__range=(self.first, self.last))
        here = _key(self.where)
        for row in rows.values(
            "pk", "day", "at", "amount", "location", "credit_location", "payment", "invoice__number",
            "payment__number", "payment__reference", "credit_note__number",
        ):  # fmt: skip
            is_payment = row["payment"] is not None
            if not is_payment and row["location"] == row["credit_location"]:
                continue
            comes = is_payment or row["location"] == here
            facts = {
                "on": row["day"],
                "kind": EntryKind.PAYMENT if is_payment else EntryKind.CREDIT_NOTE,
                "payment": row["payment"],
                "payment_reference": row["payment__reference"] or "",
                "number": row["payment__number"] if is_payment else row["credit_note__number"],
                "invoice": row["invoice__number"],
                "is_back": row["amount"] < 0,
                "is_elsewhere": not comes,
            }
            amount = -row["amount"] if comes else row["amount"]
            yield _Move((row["day"], row["at"], 1, row["pk"]), facts, amount)

    def ageing(self) -> tuple[Age, ...]:
        """What of the invoices was open at the end of the last day, by how long it had been due."""
        mine = self.entries.filter(invoice=OuterRef("pk"), on__lte=self.last)
        taken = self.allocations.filter(self._at("location"), invoice=OuterRef("pk"), day__lte=self.last)
        invoices = (
            Invoice.objects.posted()
            .filter(customer=self.customer, currency=self.currency, kind=DocumentKind.INVOICE)
            .order_by()
            .annotate(billed=_together(mine), taken=_together(taken))
            .exclude(billed=F("taken"))
        )
        amounts = [ZERO for _age in AGES]
        for due_on, billed, settled in invoices.values_list("due_on", "billed", "taken"):
            days = (self.last - due_on).days if due_on else 0
            place = next(place for place, (most, _label) in enumerate(AGES) if most is None or days <= most)
            amounts[place] += billed - settled
        return tuple(Age(label, amount) for (_most, label), amount in zip(AGES, amounts, strict=True))


def _running(balance: Decimal, moves: list[_Move]) -> Iterator[StatementRow]:
    for move in moves:
        balance += move.amount
        yield StatementRow(amount=move.amount, balance=balance, **move.facts)


def _total(rows: Sequence[_Sums], *columns: str) -> Decimal:
    return sum((row[column] or ZERO for row in rows for column in columns), ZERO)


def _together(rows: QuerySet[Any]) -> Coalesce:
    """The sum of an invoice's rows, for a query of invoices."""
    summed = Subquery(rows.values("invoice").annotate(together=Sum("amount")).values("together"))
    return Coalesce(summed, Value(ZERO, output_field=AmountField()), output_field=AmountField())
