"""What settles what: writing allocations, and taking them back. The caller locked account, credit and invoice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from audit.events import facts_of_the_act
from billing.choices import DocumentKind, InvoiceStatus
from billing.models import Allocation, Invoice, InvoiceLine, Payment, WriteOff
from billing.models.payments import unassigned_of
from billing.posting import Share
from money.minor import ZERO, share_out

# What settles an invoice: money, a credit note, or giving up.
Credit = Payment | Invoice | WriteOff
Place = int | None
_COLUMNS: dict[type[Credit], str] = {Payment: "payment", Invoice: "credit_note", WriteOff: "write_off"}


def open_of_places(invoice: Invoice) -> dict[Place, Decimal]:
    """What is still to come for an invoice, or still to be given of a credit note, by place; together its balance."""
    lines = invoice.lines.order_by().values_list("location").annotate(together=Sum("gross"))
    found: dict[Place, Decimal] = dict(lines.order_by("location"))
    note = invoice.kind == DocumentKind.CREDIT_NOTE
    rows = invoice.given if note else invoice.allocations
    place = "credit_location" if note else "location"
    for key, amount in rows.order_by().values_list(place).annotate(together=Sum("amount")):
        found[key] = found.get(key, ZERO) - amount
    if note:
        for key, amount in _refunded_of_places(invoice).items():
            found[key] = found.get(key, ZERO) - amount
    return found


def _refunded_of_places(note: Invoice) -> dict[Place, Decimal]:
    rows = note.refunds.order_by().values_list("entries__location").annotate(together=Sum("entries__amount"))
    return {place: amount for place, amount in rows if amount}


def put_to_invoice(credit: Credit, invoice: Invoice, amount: Decimal, on: date) -> list[Share]:
    """Put so much of a payment, a credit note or a write-off to an invoice, place by place; where both stand follows.

    ``amount``: above zero, at most what is left of the one and open on the other. Returns what each place got.
    """
    wanted = open_of_places(invoice)
    if isinstance(credit, Invoice):
        pairs = list(_paired(amount, open_of_places(credit), wanted))
    else:
        parts = share_out(amount, list(wanted.values()))
        pairs = [(None, place, part) for place, part in zip(wanted, parts, strict=True) if part]
    facts = facts_of_the_act()
    Allocation.objects.bulk_create(
        Allocation(
            invoice=invoice,
            location_id=place,
            credit_location_id=given,
            amount=part,
            on=on,
            **{_COLUMNS[type(credit)]: credit},
            **facts,
        )
        for given, place, part in pairs
    )
    _moved(credit, invoice, amount)
    got: dict[Place, Decimal] = {}
    for _given, place, part in pairs:
        got[place] = got.get(place, ZERO) + part
    return [Share(place, part) for place, part in got.items()]


def take_from_invoice(credit: Credit, invoice: Invoice, on: date) -> Decimal:
    """Take back all that a credit settled of an invoice, by opposite rows of that date; returns how much that was.

    Of an invoice that was credited in full, its own credit notes settle it instead.
    """
    column = _COLUMNS[type(credit)]
    rows = invoice.allocations.filter(**{column: credit}).order_by()
    facts = facts_of_the_act()
    back = [
        Allocation(
            invoice=invoice,
            location_id=row["location"],
            credit_location_id=row["credit_location"],
            amount=-row["together"],
            on=on,
            **{column: credit},
            **facts,
        )
        for row in rows.values("location", "credit_location").annotate(together=Sum("amount"))
        if row["together"]
    ]
    Allocation.objects.bulk_create(back)
    amount = -sum((row.amount for row in back), ZERO)
    if amount:
        _moved(credit, invoice, -amount)
        settle_by_own_notes(invoice, on)
    return amount


def settled_by(invoice: Invoice) -> list[tuple[Credit, Decimal]]:
    """What settles an invoice, the newest first: payments, credit notes, write-offs, and how much of it each."""
    found: dict[tuple[str, int], tuple[Credit, Decimal]] = {}
    for row in invoice.allocations.select_related("payment", "credit_note", "write_off").order_by("-pk"):
        credit = row.settled_by
        key = (_COLUMNS[type(credit)], credit.pk)
        found[key] = (credit, found.get(key, (credit, ZERO))[1] + row.amount)
    return [(credit, amount) for credit, amount in found.values() if amount]


def _moved(credit: Credit, invoice: Invoice, amount: Decimal) -> None:
    _settled(invoice, amount)
    if isinstance(credit, Invoice):
        _settled(credit, amount)
    elif isinstance(credit, Payment):
        credit.allocated += amount
        unassigned_of(credit)
        credit.save(update_fields=["allocated", "unassigned"])


def _settled(document: Invoice, amount: Decimal) -> None:
    document.settled += amount
    document.balance -= amount
    document.status = status_of(document)
    document.save(update_fields=["settled", "balance", "status"])


def settle_by_own_notes(invoice: Invoice, on: date) -> None:
    """What is open of an invoice of which all was credited is settled by what is left of the notes that did so.

    Else it would be owed by nobody, and what is left of the notes would be credit that was never paid. Where a note
    went to other invoices, or back to the customer, so much stays open.
    """
    if not invoice.balance or not was_credited(invoice):
        return
    for note in invoice.corrections.select_for_update(of=("self",)).filter(balance__gt=0).order_by("pk"):
        if amount := min(note.balance, invoice.balance):
            put_to_invoice(note, invoice, amount, on)


def was_credited(invoice: Invoice) -> bool:
    """Do the credit notes of a posted invoice leave nothing of any of its lines?"""
    lines = {
        key: amounts
        for key, *amounts in invoice.lines.order_by().values_list("pk", "printed", "net", "tax_share")
        if any(amounts)
    }
    sums = [Sum(name) for name in ("printed", "net", "tax_share")]
    credited = InvoiceLine.objects.filter(corrects_line__invoice=invoice).order_by()
    taken = {key: amounts for key, *amounts in credited.values_list("corrects_line").annotate(*sums)}
    return bool(lines) and all(taken.get(key) == amounts for key, amounts in lines.items())


def status_of(document: Invoice) -> InvoiceStatus:
    """Where a posted document stands by what was settled of it. One that was credited in full is void, unless some of
    it is open all the same: a cheque bounced, and the credit had gone elsewhere."""
    if not document.balance:
        is_void = document.kind == DocumentKind.INVOICE and was_credited(document)
        return InvoiceStatus.VOID if is_void else InvoiceStatus.PAID
    return InvoiceStatus.PART_PAID if document.settled else InvoiceStatus.POSTED


def _paired(
    amount: Decimal, given: Mapping[Place, Decimal], wanted: Mapping[Place, Decimal]
) -> Iterator[tuple[Place, Place, Decimal]]:
    """So much of what a credit note has for its places, to the places of an invoice: first to the same ones."""
    same = {
        place: min(given[place], left, key=abs)
        for place, left in wanted.items()
        if place in given and given[place] * left > 0
    }
    together = sum(same.values(), ZERO)
    if together > amount:
        same = dict(zip(same, share_out(amount, list(same.values())), strict=True))
        together = amount
    yield from ((place, place, part) for place, part in same.items() if part)
    if rest := amount - together:
        left_there = {place: part - same.get(place, ZERO) for place, part in given.items()}
        left_here = {place: part - same.get(place, ZERO) for place, part in wanted.items()}
        out = share_out(rest, list(left_there.values()))
        into = share_out(rest, list(left_here.values()))
        yield from _across(
            [(place, part) for place, part in zip(left_there, out, strict=True) if part],
            [(place, part) for place, part in zip(left_here, into, strict=True) if part],
        )


def _across(
    out: list[tuple[Place, Decimal]], into: list[tuple[Place, Decimal]]
) -> Iterator[tuple[Place, Place, Decimal]]:
    """Pairs of two lists with the same sum: each place of the first gives what it has, each of the second gets it.

    The first of the second list takes all, and hands on what is not its own: so it holds for parts below zero too.
    """
    first_out, first_in = out[0][0], into[0][0]
    rows: dict[tuple[Place, Place], Decimal] = {}
    for place, part in out:
        rows[place, first_in] = rows.get((place, first_in), ZERO) + part
    for place, part in into[1:]:
        rows[first_out, place] = rows.get((first_out, place), ZERO) + part
        rows[first_out, first_in] = rows.get((first_out, first_in), ZERO) - part
    yield from ((given, place, part) for (given, place), part in rows.items() if part)
