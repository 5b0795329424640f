"""What must always be true of documents and ledger: each a function that asks the whole database in sets.

The numbers are those of docs/billing.md. Each returns a sentence for each record that breaks it, at most ``MOST``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from billing.choices import OPEN, DocumentKind, InvoiceStatus, MoneyState
from billing.models import (
    AccountEntry,
    Allocation,
    BillingSettings,
    CustomerAccount,
    Invoice,
    InvoiceJob,
    InvoiceLine,
    Payment,
    Refund,
    SeriesYear,
    WriteOff,
)
from billing.sealing import seal_of
from jobs.choices import BEING_BILLED
from jobs.models import Job
from money.minor import ZERO

Invariant = Callable[[], Iterator[str]]
MOST = 20


def accounts_are_their_entries() -> Iterator[str]:
    """I1: an account's balance is the sum of its entries, and of what is open on its documents less what of payments is
    unassigned."""
    entries = {
        (row["customer"], row["currency"]): row["together"]
        for row in AccountEntry.objects.order_by().values("customer", "currency").annotate(together=Sum("amount"))
    }
    documents: dict[tuple[int, str], Decimal] = {}
    rows = Invoice.objects.posted().order_by().values("customer", "currency", "kind")
    for row in rows.annotate(together=Sum("balance")):
        sign = -1 if row["kind"] == DocumentKind.CREDIT_NOTE else 1
        key = (row["customer"], row["currency"])
        documents[key] = documents.get(key, ZERO) + sign * row["together"]
    credit = Payment.objects.unassigned().order_by().values("customer", "currency")
    for customer, currency, together in credit.annotate(together=Sum("unassigned")).values_list(
        "customer", "currency", "together"
    ):
        documents[customer, currency] = documents.get((customer, currency), ZERO) - together
    accounts = {(one.customer_id, one.currency): one.balance for one in CustomerAccount.objects.all()}
    for key in sorted({*entries, *documents, *accounts}):
        said = accounts.get(key, ZERO), entries.get(key, ZERO), documents.get(key, ZERO)
        if len(set(said)) > 1:
            yield "customer {} in {}: account {}, entries {}, documents {}".format(*key, *said)


def documents_are_their_lines() -> Iterator[str]:
    """I2: net, tax and total are the sums of the lines, and of the groups below them."""
    sums = {
        row["invoice"]: (row["net_together"], row["tax_together"], row["gross_together"])
        for row in InvoiceLine.objects.order_by()
        .values("invoice")
        .annotate(net_together=Sum("net"), tax_together=Sum("tax_share"), gross_together=Sum("gross"))
    }
    for invoice in Invoice.objects.order_by("pk").only("number", "reference", "net", "tax", "total", "tax_groups"):
        lines = sums.get(invoice.pk, (ZERO, ZERO, ZERO))
        if lines != (invoice.net, invoice.tax, invoice.total):
            yield f"{invoice.address}: lines come to {lines}, it says {(invoice.net, invoice.tax, invoice.total)}"
        groups = [(Decimal(group["base"]), Decimal(group["tax"])) for group in invoice.tax_groups]
        if (sum((b for b, _t in groups), ZERO), sum((t for _b, t in groups), ZERO)) != (invoice.net, invoice.tax):
            yield f"{invoice.address}: its taxes are not those of its lines"


def documents_are_in_the_ledger() -> Iterator[str]:
    """I3: a posted document's entries are its total, place by place; a pending one has none."""
    booked: dict[tuple[int, int | None], Decimal] = {}
    entries = AccountEntry.objects.filter(invoice__isnull=False).order_by()
    for row in entries.values("invoice", "location").annotate(together=Sum("amount")):
        booked[row["invoice"], row["location"]] = row["together"]
    wanted: dict[tuple[int, int | None], Decimal] = {}
    lines = InvoiceLine.objects.exclude(invoice__status=InvoiceStatus.PENDING).order_by()
    for row in lines.values("invoice", "invoice__kind", "location").annotate(together=Sum("gross")):
        sign = -1 if row["invoice__kind"] == DocumentKind.CREDIT_NOTE else 1
        if row["together"]:
            wanted[row["invoice"], row["location"]] = sign * row["together"]
    for key in sorted({*booked, *wanted}, key=lambda one: (one[0], one[1] or 0)):
        if booked.get(key, ZERO) != wanted.get(key, ZERO):
            yield f"document {key[0]}, place {key[1]}: {booked.get(key, ZERO)} booked, {wanted.get(key, ZERO)} billed"


def settled_stays_within() -> Iterator[str]:
    """I4: never is more settled than was asked for, and never less than nothing."""
    broken = Invoice.objects.filter(
        Q(settled__lt=0) | Q(settled__gt=F("total")) | ~Q(balance=F("total") - F("settled"))
    )
    for invoice in broken.order_by("pk")[:MOST]:
        yield f"{invoice.address}: {invoice.settled} of {invoice.total} settled, {invoice.balance} open"
    for side, kind in (("invoice", DocumentKind.INVOICE), ("credit_note", DocumentKind.CREDIT_NOTE)):
        rows = Allocation.objects.exclude(**{side: None}).order_by().values(side).annotate(together=Sum("amount"))
        wanted = {row[side]: row["together"] for row in rows}
        if kind == DocumentKind.CREDIT_NOTE:
            back = Refund.objects.filter(state=MoneyState.SUCCEEDED).exclude(credit_note=None).order_by()
            for row in back.values("credit_note").annotate(together=Sum("amount")):
                wanted[row["credit_note"]] = wanted.get(row["credit_note"], ZERO) + row["together"]
        settled = Invoice.objects.filter(kind=kind).filter(Q(pk__in=list(wanted)) | ~Q(settled=0))
        for key, amount in settled.order_by("pk").values_list("pk", "settled"):
            if wanted.get(key, ZERO) != amount:
                yield f"document {key}: {amount} settled, {wanted.get(key, ZERO)} allocated"


def statuses_say_what_is_settled() -> Iterator[str]:
    """I5: paid or void where nothing is open, partly paid where something was settled, posted where nothing was."""
    wrong = (
        Q(status__in=(InvoiceStatus.PAID, InvoiceStatus.VOID)) & ~Q(balance=0)
        | Q(status=InvoiceStatus.POSTED) & ~Q(settled=0)
        | Q(status=InvoiceStatus.PART_PAID) & (Q(settled=0) | Q(balance=0))
        | Q(status__in=OPEN, balance=0, kind=DocumentKind.INVOICE)
    )
    for invoice in Invoice.objects.filter(wrong).order_by("pk")[:MOST]:
        yield f"{invoice.address}: {invoice.status}, but {invoice.settled} of {invoice.total} settled"


def numbers_have_no_gaps() -> Iterator[str]:
    """I6: the counters of a series and year are 1 to its last; where dates follow the numbers, they never fall."""
    numbered: tuple[QuerySet[Invoice] | QuerySet[Payment] | QuerySet[Refund] | QuerySet[WriteOff], ...] = (
        Invoice.objects.posted(),
        Payment.objects.exclude(number=None),
        Refund.objects.exclude(number=None),
        WriteOff.objects.exclude(number=None),
    )
    counted = {
        (row["series"], row["year"]): row
        for rows in numbered
        for row in rows.order_by()
        .values("series", "year")
        .annotate(count=Count("counter", distinct=True), first=Min("counter"), last=Max("counter"))
    }
    for year in SeriesYear.objects.select_related("series").order_by("pk"):
        row = counted.pop((year.series_id, year.year), None)
        said = (row["count"], row["first"] or 0, row["last"] or 0) if row else (0, 0, 0)
        if said != (year.last, min(1, year.last), year.last):
            yield f"{year}: {said[0]} documents, from {said[1]} to {said[2]}, of {year.last} numbers"
    for (series, number), row in counted.items():
        yield f"series {series}, year {number}: {row['count']} documents without a counter"
    if BillingSettings.load().dates_in_number_order:
        before: Invoice | None = None
        posted = Invoice.objects.posted().order_by("series", "year", "counter")
        for invoice in posted.only("series", "year", "counter", "issued_on", "number").iterator():
            follows = before is not None and (before.series_id, before.year) == (invoice.series_id, invoice.year)
            if follows and before and before.issued_on and invoice.issued_on and before.issued_on > invoice.issued_on:
                yield f"{invoice.number} is of {invoice.issued_on}, {before.number} of {before.issued_on}"
            before = invoice


def seals_are_whole() -> Iterator[str]:
    """I7: each seal is what its document says, upon the seal before it."""
    last: dict[tuple[int | None, int | None], str] = {}
    posted = Invoice.objects.posted().order_by("series", "year", "counter").prefetch_related("lines")
    for invoice in posted.iterator(chunk_size=500):
        key = (invoice.series_id, invoice.year)
        lines = sorted(invoice.lines.all(), key=lambda line: line.position)
        if invoice.previous_seal != last.get(key, ""):
            yield f"{invoice.number}: the chain is broken before it"
        elif invoice.seal != seal_of(invoice, lines, invoice.previous_seal):
            yield f"{invoice.number}: it says something else than when it was sealed"
        last[key] = invoice.seal
    for year in SeriesYear.objects.select_related("series"):
        if year.last_seal != last.get((year.series_id, year.year), ""):
            yield f"{year}: its last seal is not that of its last document"


def orders_are_billed_once() -> Iterator[str]:
    """I8: an order is on one live document at most, and says its number; released, it says nothing."""
    live = dict(InvoiceJob.objects.filter(released_at__isnull=True).values_list("job", "invoice__number"))
    marked = dict(Job.objects.exclude(billed_as="").order_by().values_list("pk", "billed_as"))
    for key in sorted({*live, *marked}):
        wanted = (live[key] or BEING_BILLED) if key in live else ""
        if marked.get(key, "") != wanted:
            yield f"job {key} says “{marked.get(key, '')}”, and is on “{wanted}”"


def payments_are_in_the_ledger() -> Iterator[str]:
    """I9: money that was received has entries of its amount, and any other none; taken back, they cancel out."""
    for column, model, sign in (("payment", Payment, -1), ("refund", Refund, 1), ("write_off", WriteOff, -1)):
        rows = AccountEntry.objects.exclude(**{column: None}).order_by().values(column)
        booked = {row[column]: row["together"] for row in rows.annotate(together=Sum("amount"))}
        for key, number, state, amount in model._base_manager.values_list("pk", "number", "state", "amount"):
            wanted = sign * amount if state == MoneyState.SUCCEEDED else ZERO
            if booked.get(key, ZERO) != wanted:
                yield f"{number or key}: {booked.get(key, ZERO)} booked, {wanted} came"


def places_add_up() -> Iterator[str]:
    """I11: what is owed for all places, and for none, is the account's balance and its unassigned payments."""
    owed: dict[tuple[int, str], Decimal] = {}
    entries = AccountEntry.objects.filter(payment=None, refund__payment=None).order_by()
    for row in entries.values("customer", "currency").annotate(together=Sum("amount")):
        owed[row["customer"], row["currency"]] = row["together"]
    paid = Allocation.objects.exclude(payment=None).order_by().values("invoice__customer", "invoice__currency")
    for settled in paid.annotate(together=Sum("amount")):
        key = (settled["invoice__customer"], settled["invoice__currency"])
        owed[key] = owed.get(key, ZERO) - settled["together"]
    wanted = {(one.customer_id, one.currency): one.balance for one in CustomerAccount.objects.all()}
    credit = Payment.objects.unassigned().order_by().values("customer", "currency")
    for row in credit.annotate(together=Sum("unassigned")):
        key = (row["customer"], row["currency"])
        wanted[key] = wanted.get(key, ZERO) + row["together"]
    for key in sorted({*owed, *wanted}):
        if owed.get(key, ZERO) != wanted.get(key, ZERO):
            yield "customer {} in {}: its places owe {}, it {}".format(*key, owed.get(key, ZERO), wanted.get(key, ZERO))


def both_sides_are_of_one_account() -> Iterator[str]:
    """I13: what settles an invoice is of its customer and currency."""
    for column in ("payment", "credit_note", "write_off"):
        rows = (
            Allocation.objects.exclude(**{column: None})
            .order_by()
            .values(
                "invoice__number",
                "invoice__customer",
                "invoice__currency",
                f"{column}__customer",
                f"{column}__currency",
            )
        )
        for row in rows.annotate(together=Sum("amount")):
            theirs = (row[f"{column}__customer"], row[f"{column}__currency"])
            if row["together"] and theirs != (row["invoice__customer"], row["invoice__currency"]):
                yield f"{row['invoice__number']}: settled by somebody else's {column}"


def no_more_goes_than_came() -> Iterator[str]:
    """I14: what of a payment settles invoices, and what of it went back, is no more than came."""
    rows = Allocation.objects.exclude(payment=None).order_by().values("payment").annotate(together=Sum("amount"))
    allocated = {row["payment"]: row["together"] for row in rows}
    back = Refund.objects.filter(state=MoneyState.SUCCEEDED).exclude(payment=None).order_by()
    refunded = {row["payment"]: row["together"] for row in back.values("payment").annotate(together=Sum("amount"))}
    for payment in Payment.objects.only("number", "amount", "allocated", "refunded", "unassigned", "state").iterator():
        said = payment.allocated, payment.refunded
        if said != (allocated.get(payment.pk, ZERO), refunded.get(payment.pk, ZERO)):
            yield f"{payment}: says {said} of allocated and refunded, rows say otherwise"
        if sum(said) + payment.unassigned != (payment.amount if payment.is_booked else ZERO):
            yield f"{payment}: {said[0]} allocated, {said[1]} refunded, {payment.unassigned} left of {payment.amount}"


INVARIANTS: dict[str, Invariant] = {
    "I1": accounts_are_their_entries,
    "I2": documents_are_their_lines,
    "I3": documents_are_in_the_ledger,
    "I4": settled_stays_within,
    "I5": statuses_say_what_is_settled,
    "I6": numbers_have_no_gaps,
    "I7": seals_are_whole,
    "I8": orders_are_billed_once,
    "I9": payments_are_in_the_ledger,
    "I11": places_add_up,
    "I13": both_sides_are_of_one_account,
    "I14": no_more_goes_than_came,
}


def broken(names: frozenset[str] | None = None) -> dict[str, list[str]]:
    """Those that do not hold: {name: sentences}; empty when all is well. ``names``: only these."""
    found = {}
    for name, ask in INVARIANTS.items():
        if (names is None or name in names) and (sentences := list(islice(ask(), MOST))):
            found[name] = sentences
    return found
