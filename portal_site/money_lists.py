"""Which invoices, payments and orders a list of money shows, and in what order: read off the address, as jobs are
(``portal_site.job_list``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import F, OrderBy, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Location
from audit.conventions import Cell
from billing.choices import InvoiceStatus, MoneyState
from billing.models import Invoice
from billing.querysets import InvoiceQuerySet, PaymentQuerySet
from jobs.choices import CUSTOMER_WORDS, JobStatus
from jobs.querysets import JobQuerySet
from money import default_currency
from portal_site import records
from portal_site.job_list import Sort
from portal_site.lists import read_choice, read_words
from portal_site.money_reading import (
    NOT_BILLED,
    described,
    invoice_of,
    service_date,
    shown_invoices,
    shown_payments,
)
from templates_app.models import JobTemplate

PIECE = 500

_NEWEST = (F("issued_on").desc(nulls_first=True), "-id")
INVOICE_SORTS = {
    "": Sort(gettext_lazy("Newest first"), _NEWEST),
    "due": Sort(gettext_lazy("Due first"), (F("due_on").asc(nulls_last=True), "-id")),
    "balance": Sort(gettext_lazy("Most to pay first"), ("-balance", *_NEWEST)),
    "total": Sort(gettext_lazy("Highest total first"), ("-total", *_NEWEST)),
    "customer": Sort(gettext_lazy("By account"), ("customer__name", *_NEWEST)),
}
# Where an invoice stands, as somebody asks for it.
STATES = {
    "open": pgettext_lazy("invoices", "Open"),
    "overdue": pgettext_lazy("invoices", "Overdue"),
    "paid": pgettext_lazy("invoices", "Paid"),
    "pending": gettext_lazy("Being prepared"),
}


@dataclass(frozen=True)
class InvoiceChoices:
    """What the filters of the list of invoices offer. ``places``: by their address, the locations that have it."""

    states: Mapping[str, str | Promise]
    places: Mapping[str, Sequence[int]]
    years: Sequence[str]


def invoice_choices(
    places: Iterable[Location], first: date | None, last: date | None, *, pending: bool
) -> InvoiceChoices:
    """What there is to choose from: these places, the years from a first date to a last."""
    by_address: dict[str, list[int]] = {}
    for place in places:
        by_address.setdefault(place.address, []).append(place.pk)
    years = [str(year) for year in range(last.year, first.year - 1, -1)] if first and last else []
    return InvoiceChoices(
        {code: words for code, words in STATES.items() if pending or code != "pending"}, by_address, years
    )


@dataclass(frozen=True)
class InvoiceFilter:
    """Which invoices somebody wants to see, and in what order. ``left_out``: a sentence for each part of the address
    that makes no sense."""

    words: str = ""
    state: str = ""
    place: str = ""
    year: str = ""
    sort: str = ""
    places: Sequence[int] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Is anything chosen beside words and state?"""
        return bool(self.place or self.year or self.sort)

    def apply(self, invoices: InvoiceQuerySet, today: date) -> InvoiceQuerySet:
        """Those of some invoices, in order."""
        found = invoices.matching(self.words)
        match self.state:
            case "open":
                found = found.open()
            case "overdue":
                found = found.overdue(today)
            case "paid":
                found = found.filter(status=InvoiceStatus.PAID)
            case "pending":
                found = found.pending()
        if self.place:
            found = found.filter(pk__in=records.invoices_of_places(self.places))
        if self.year:
            found = found.filter(issued_on__year=int(self.year))
        return found.order_by(*INVOICE_SORTS[self.sort].by)


def read_invoice_filter(query: QueryDict, choices: InvoiceChoices) -> InvoiceFilter:
    """What an address asks for; what makes no sense counts as absent, and is said."""
    left_out: list[str] = []
    words = read_words(query, left_out)
    state = read_choice(query, "status", _("Where it stands"), choices.states, left_out)
    place = read_choice(query, "place", _("Where"), choices.places, left_out)
    year = read_choice(query, "year", _("Year"), choices.years, left_out)
    sort = read_choice(query, "sort", _("Order"), INVOICE_SORTS, left_out)
    return InvoiceFilter(words, state, place, year, sort, choices.places.get(place, ()), tuple(left_out))


def invoice_rows(invoices: InvoiceQuerySet, today: date) -> Iterator[list[Cell]]:
    """A heading, and one row for each invoice (customer loaded)."""
    yield [
        _("Number"), _("Kind"), _("Date"), _("Due"), _("Where it stands"), _("Payment terms"), _("Account"),
        _("Address"), _("PO number"), _("Total"), _("Still to pay"), _("Currency"),
    ]  # fmt: skip
    found = invoices.iterator(chunk_size=PIECE)
    while some := list(islice(found, PIECE)):
        for shown in shown_invoices(some, today):
            invoice: Invoice = shown.invoice
            yield [
                invoice.number or "", invoice.get_kind_display(), invoice.issued_on, invoice.due_on, shown.words,
                invoice.get_terms_display(), invoice.customer.name, shown.place, invoice.po_number, shown.total,
                shown.balance, invoice.currency,
            ]  # fmt: skip


# --- Payments ----------------------------------------------------------------------------------------------


_LATEST = ("-on", "-id")
PAYMENT_SORTS = {
    "": Sort(gettext_lazy("Newest first"), _LATEST),
    "amount": Sort(gettext_lazy("Highest amount first"), ("-amount", *_LATEST)),
    "credit": Sort(gettext_lazy("Most credit first"), ("-unassigned", *_LATEST)),
    "customer": Sort(gettext_lazy("By account"), ("customer__name", *_LATEST)),
}
# Offered wherever there are payments; the others once there is one of them.
_ALWAYS = (MoneyState.SUCCEEDED, MoneyState.VOIDED)


@dataclass(frozen=True)
class PaymentChoices:
    """What the filters of the list of payments offer."""

    states: Mapping[str, str | Promise]
    years: Sequence[str]


def payment_choices(dates: Mapping[str, tuple[date, date]]) -> PaymentChoices:
    """What there is to choose from. ``dates``: of each state, the first and the last date of its payments."""
    years: Sequence[str] = ()
    if dates:
        first, last = min(one for one, _last in dates.values()), max(one for _first, one in dates.values())
        years = [str(year) for year in range(last.year, first.year - 1, -1)]
    states: dict[str, str | Promise] = {
        state.value: state.label for state in MoneyState if state in _ALWAYS or state.value in dates
    }
    return PaymentChoices(states | {"credit": gettext_lazy("With credit left")}, years)


@dataclass(frozen=True)
class PaymentFilter:
    """Which payments somebody wants to see, and in what order; ``left_out`` as in ``InvoiceFilter``."""

    words: str = ""
    state: str = ""
    year: str = ""
    sort: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Is anything chosen beside words and state?"""
        return bool(self.year or self.sort)

    def apply(self, payments: PaymentQuerySet) -> PaymentQuerySet:
        """Those of some payments, in order."""
        found = payments.matching(self.words)
        if self.state == "credit":
            found = found.unassigned()
        elif self.state:
            found = found.filter(state=self.state)
        if self.year:
            found = found.filter(on__year=int(self.year))
        return found.order_by(*PAYMENT_SORTS[self.sort].by)


def read_payment_filter(query: QueryDict, choices: PaymentChoices) -> PaymentFilter:
    """What an address asks for; what makes no sense counts as absent, and is said."""
    left_out: list[str] = []
    words = read_words(query, left_out)
    state = read_choice(query, "status", _("Where it stands"), choices.states, left_out)
    year = read_choice(query, "year", _("Year"), choices.years, left_out)
    sort = read_choice(query, "sort", _("Order"), PAYMENT_SORTS, left_out)
    return PaymentFilter(words, state, year, sort, tuple(left_out))


def payment_rows(payments: PaymentQuerySet) -> Iterator[list[Cell]]:
    """A heading, and one row for each payment (customer loaded)."""
    yield [
        _("Date"), _("Number"), _("Where it stands"), _("Method"), _("Reference"), _("Payer"), _("Account"),
        _("Amount"), _("Settled invoices"), _("Credit left"), _("Paid back"), _("Taken back on"), _("Currency"),
    ]  # fmt: skip
    found = payments.iterator(chunk_size=PIECE)
    while some := list(islice(found, PIECE)):
        for shown in shown_payments(some):
            payment = shown.payment
            yield [
                payment.on, payment.number or "", payment.get_state_display(), payment.get_method_display(),
                payment.their_reference, payment.payer_name, payment.customer.name, payment.amount,
                ", ".join(one.number for one in shown.settled), payment.unassigned, payment.refunded,
                payment.voided_on, payment.currency,
            ]  # fmt: skip


# --- Orders ------------------------------------------------------------------------------------------------


_SOONEST: tuple[str | OrderBy, ...] = (F("planned_start").asc(nulls_last=True), "-id")
_LAST: tuple[str | OrderBy, ...] = (F("completed_at").desc(nulls_last=True), "-id")
ORDER_SORTS = {
    "": Sort(gettext_lazy("By date"), ()),
    "amount": Sort(gettext_lazy("Highest amount first"), (F("amount").desc(nulls_last=True), "-id")),
    "place": Sort(gettext_lazy("By address"), ("address", "-id")),
    "what": Sort(gettext_lazy("By kind of job"), ("template__name", "-id")),
    "customer": Sort(gettext_lazy("By account"), ("customer__name", "-id")),
}
BILLED = {"no": gettext_lazy("Not on an invoice yet"), "yes": gettext_lazy("On an invoice")}


@dataclass(frozen=True)
class OrderFilter:
    """Which orders somebody wants to see, and in what order; ``left_out`` as in ``InvoiceFilter``."""

    completed: bool = False
    words: str = ""
    billed: str = ""
    kind: str = ""
    sort: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Is anything chosen beside the words?"""
        return bool(self.billed or self.kind or self.sort)

    def apply(self, orders: JobQuerySet) -> JobQuerySet:
        """Those of some orders, in order."""
        found = orders.filter(status=JobStatus.COMPLETED) if self.completed else orders.open()
        found = found.matching(self.words)
        if self.billed:
            found = found.filter(NOT_BILLED if self.billed == "no" else ~NOT_BILLED)
        if self.kind:
            found = found.filter(template__slug=self.kind)
        return found.order_by(*(ORDER_SORTS[self.sort].by or (_LAST if self.completed else _SOONEST)))


def read_order_filter(query: QueryDict, kinds: QuerySet[JobTemplate]) -> OrderFilter:
    """What an address asks for; ``kinds``: the templates to choose from."""
    left_out: list[str] = []
    words = read_words(query, left_out)
    when = read_choice(query, "when", _("Which orders"), ("done",), left_out)
    billed = read_choice(query, "billed", _("Invoice"), BILLED if when else (), left_out)
    kind = read_choice(query, "kind", _("What"), [one.slug for one in kinds], left_out)
    sort = read_choice(query, "sort", _("Order"), ORDER_SORTS, left_out)
    return OrderFilter(when == "done", words, billed, kind, sort, tuple(left_out))


def order_rows(orders: JobQuerySet) -> Iterator[list[Cell]]:
    """A heading, and one row for each order (customer, template loaded)."""
    yield [
        _("Number"), _("Date of service"), _("What"), _("Where it stands"), _("Account"), _("Address"), _("Asset ID"),
        _("Description"), _("Amount"), _("Currency"), _("Amount with tax"), _("Invoice"),
    ]  # fmt: skip
    for order in orders.iterator(chunk_size=PIECE):
        yield [
            order.number, service_date(order), order.service, str(CUSTOMER_WORDS[JobStatus(order.status)]),
            order.customer.name, order.address, order.asset_id, described(order), order.amount,
            order.currency or default_currency(), _("Yes") if order.prices_include_tax else _("No"), invoice_of(order),
        ]  # fmt: skip
