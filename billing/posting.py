"""The one place that writes the ledger: entries, and what each account owes by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from audit.events import facts_of_the_act
from audit.locks import lock_rows
from billing.choices import DocumentKind, EntryKind
from billing.models import AccountEntry, CustomerAccount, Invoice
from jobs.models import Job
from money.minor import ZERO


@dataclass(frozen=True)
class Share:
    """What a place owes of a document; ``location``: its primary key, None for no place. Above zero."""

    location: int | None
    amount: Decimal


def locked_account(customer: int, currency: str) -> CustomerAccount:
    """The account of a customer (primary key) in a currency, made if there is none, locked: whoever moves money waits
    here. In the caller's transaction."""
    CustomerAccount.objects.get_or_create(customer_id=customer, currency=currency)
    return CustomerAccount.objects.select_for_update(of=("self",)).get(customer_id=customer, currency=currency)


def lock_for_merge(customers: Collection[int]) -> None:
    """Lock what documents of these customers (primary keys) hang on, in the order in which whoever posts does."""
    for model in (Job, CustomerAccount, Invoice):
        lock_rows(model, model._base_manager.filter(customer__in=customers).values_list("pk", flat=True))


def book_document(invoice: Invoice, shares: Sequence[Share], on: date, account: CustomerAccount) -> None:
    """Write a posted document into the ledger, an entry for each place, and move its account, which is locked."""
    sign = -1 if invoice.kind == DocumentKind.CREDIT_NOTE else 1
    facts = facts_of_the_act()
    entries = [
        AccountEntry(
            customer_id=invoice.customer_id,
            currency=invoice.currency,
            location_id=share.location,
            kind=EntryKind(invoice.kind),
            on=on,
            amount=sign * share.amount,
            number=invoice.number or "",
            invoice=invoice,
            **facts,
        )
        for share in shares
        if share.amount
    ]
    AccountEntry.objects.bulk_create(entries)
    account.balance += sum((entry.amount for entry in entries), ZERO)
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


def move_entries(invoices: Collection[int]) -> None:
    """The entries of these documents (primary keys) follow them to another customer: a merge, and its undoing."""
    touched: set[int] = set()
    for entry in AccountEntry.objects.filter(invoice__in=invoices).select_related("invoice"):
        if entry.customer_id != entry.invoice.customer_id:
            touched |= {entry.customer_id, entry.invoice.customer_id}
            AccountEntry.objects.filter(pk=entry.pk).update(customer=entry.invoice.customer_id)
    write_balances(touched)
