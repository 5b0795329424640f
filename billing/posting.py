"""The one place that writes the ledger: entries, and what each account owes by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from audit.events import facts_of_the_act
from audit.locks import lock_rows
from billing.choices import OWES_MORE, EntryKind
from billing.models import AccountEntry, CustomerAccount, Invoice, Payment, Refund, WriteOff
from console.errors import Refused
from jobs.models import Job
from money.minor import MOST, ZERO

# What entries are about, and the column that names it.
Booked = Invoice | Payment | Refund | WriteOff
_COLUMNS: dict[type[Booked], str] = {
    Invoice: "invoice",
    Payment: "payment",
    Refund: "refund",
    WriteOff: "write_off",
}


@dataclass(frozen=True)
class Share:
    """What a place owes of a document; ``location``: its primary key, None for no place."""

    location: int | None
    amount: Decimal


def locked_account(customer: int, currency: str) -> CustomerAccount:
    """The account of a customer (primary key) in a currency, made if there is none, locked: whoever moves money waits
    here. In the caller's transaction."""
    CustomerAccount.objects.get_or_create(customer_id=customer, currency=currency)
    return CustomerAccount.objects.select_for_update(of=("self",)).get(customer_id=customer, currency=currency)


def lock_for_merge(customers: Collection[int]) -> None:
    """Lock what money of these customers (primary keys) hangs on, in the order in which whoever posts or books does."""
    for model in (Job, CustomerAccount, Payment, Refund, WriteOff, Invoice):
        lock_rows(model, model._base_manager.filter(customer__in=customers).values_list("pk", flat=True))


def kind_of(record: Booked) -> EntryKind:
    """What moves an account by this record."""
    return EntryKind(record.kind if isinstance(record, Invoice) else _COLUMNS[type(record)])


def book(record: Booked, shares: Sequence[Share], on: date, account: CustomerAccount) -> None:
    """Write a document or money into the ledger, an entry for each place, and move its account, which is locked.

    ``shares``: of its amount, which is above zero; the entry's sign follows from what it is.
    """
    kind = kind_of(record)
    sign = 1 if kind in OWES_MORE else -1
    entries = [
        AccountEntry(
            customer_id=record.customer_id,
            currency=record.currency,
            location_id=share.location,
            kind=kind,
            on=on,
            amount=sign * share.amount,
            number=record.number or "",
            **{_COLUMNS[type(record)]: record},
            **facts_of_the_act(),
        )
        for share in shares
        if share.amount
    ]
    _write(entries, account)


def reverse(record: Payment | Refund | WriteOff, on: date, account: CustomerAccount) -> None:
    """Take what a record moved back, by opposite entries of that date. Its account is locked."""
    moved = AccountEntry.objects.filter(**{_COLUMNS[type(record)]: record}, reverses=None, reversed_by=None)
    entries = [
        AccountEntry(
            customer_id=entry.customer_id,
            currency=entry.currency,
            location_id=entry.location_id,
            kind=entry.kind,
            on=on,
            amount=-entry.amount,
            number=entry.number,
            reverses=entry,
            **{_COLUMNS[type(record)]: record},
            **facts_of_the_act(),
        )
        for entry in moved
    ]
    _write(entries, account)


def _write(entries: list[AccountEntry], account: CustomerAccount) -> None:
    AccountEntry.objects.bulk_create(entries)
    account.balance += sum((entry.amount for entry in entries), ZERO)
    if abs(account.balance) >= MOST:
        raise Refused(_("The account would come to more than we can count: look at the amount again."))
    account.save(update_fields=["balance"])


def write_balances(customers: Collection[int]) -> None:
    """Work out anew what these customers (primary keys) owe: their documents have come from, or gone to, others."""
    with transaction.atomic():
        moved = AccountEntry.objects.filter(customer__in=customers).order_by()
        sums = {
            (row["customer"], row["currency"]): row["together"]
            for row in moved.values("customer", "currency").annotate(together=Sum("amount"))
        }
        there = CustomerAccount.objects.filter(customer__in=customers).values_list("customer", "currency")
        for customer, currency in sorted({*sums, *there}):
            account = locked_account(customer, currency)
            account.balance = sums.get((customer, currency), ZERO)
            account.save(update_fields=["balance"])


def _move_entries(model: type[Booked], keys: Collection[int]) -> None:
    """The entries of these records (primary keys) follow them to another customer: a merge, and its undoing."""
    column = _COLUMNS[model]
    touched: set[int] = set()
    for entry in AccountEntry.objects.filter(**{f"{column}__in": keys}).select_related(column):
        customer = getattr(entry, column).customer_id
        if entry.customer_id != customer:
            touched |= {entry.customer_id, customer}
            AccountEntry.objects.filter(pk=entry.pk).update(customer=customer)
    write_balances(touched)


move_entries_of_invoices = partial(_move_entries, Invoice)
move_entries_of_payments = partial(_move_entries, Payment)
move_entries_of_refunds = partial(_move_entries, Refund)
move_entries_of_write_offs = partial(_move_entries, WriteOff)
