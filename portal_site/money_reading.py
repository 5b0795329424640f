"""Invoices, payments and orders as a customer reads them: her words, sums with their sign, proof beside the line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.choices import DocumentKind, InvoiceStatus, MoneyState
from billing.models import Invoice, InvoiceLine, Payment
from billing.querysets import InvoiceQuerySet, PaymentQuerySet
from billing.services.settling import settled_by
from billing.settled import SettledInvoice, credit_of, settled_of
from jobs.choices import BEING_BILLED
from jobs.models import Job, JobFile
from jobs.querysets import JobQuerySet
from money import default_currency, format_money
from money.minor import ZERO
from permissions.resolver import Rights, decide
from portal_site import records
from portal_site.reading import ShownField, ShownStep, proof_fields, shown_steps
from templates_app.choices import Unit
from templates_app.prices import PriceLine, plain_number

# An order that is on none yet, or on one that is still being prepared: it is not owed yet.
NOT_BILLED = Q(billed_as__in=("", BEING_BILLED))
# So many price lines are named in a list.
NAMED = 2
# Bootstrap's names of colours, and Lucide's of icons. Red is for what is overdue alone.
STATUS_LOOKS = {
    InvoiceStatus.PENDING: ("secondary", "clock"),
    InvoiceStatus.POSTED: ("info", "receipt-text"),
    InvoiceStatus.PART_PAID: ("primary", "receipt-text"),
    InvoiceStatus.PAID: ("success", "circle-check"),
    InvoiceStatus.VOID: ("secondary", "circle-x"),
}
# So many invoices that a payment settled are named in a list.
INVOICES_NAMED = 3
MONEY_LOOKS = {
    MoneyState.PENDING: ("secondary", "clock"),
    MoneyState.SUCCEEDED: ("success", "circle-check"),
    MoneyState.FAILED: ("danger", "circle-alert"),
    MoneyState.VOIDED: ("secondary", "circle-x"),
}


def business_today() -> date:
    """Today by the business's calendar, whatever clock the reader lives by: by that an invoice is due."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_words(day: date) -> str:
    """A day of this year as "12 December", else with its year."""
    return formats.date_format(day, _("j F") if day.year == business_today().year else _("j F Y"))


# --- What is owed ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Owed:
    """What is open in one currency: how many invoices, how much, how much of it is overdue, and since when; and what
    the customer has there as credit."""

    currency: str
    count: int
    balance: Decimal
    overdue_count: int
    overdue: Decimal
    first_due: date | None
    next_due: date | None
    credit: Decimal = ZERO

    @property
    def overdue_since(self) -> date | None:
        """The first day on which something was overdue."""
        return self.first_due + timedelta(days=1) if self.overdue_count and self.first_due else None

    @property
    def in_words(self) -> str:
        """ "2 invoices, €431.20, due 12 December"."""
        said = {"n": self.count, "sum": format_money(self.balance, self.currency)}
        if self.overdue_since:
            words = ngettext(
                "%(n)d invoice, %(sum)s, overdue since %(day)s",
                "%(n)d invoices, %(sum)s, overdue since %(day)s",
                self.count,
            )
            return words % (said | {"day": day_words(self.overdue_since)})
        words = ngettext("%(n)d invoice, %(sum)s, due %(day)s", "%(n)d invoices, %(sum)s, due %(day)s", self.count)
        return words % (said | {"day": day_words(self.next_due) if self.next_due else ""})


def owed(invoices: InvoiceQuerySet) -> list[Owed]:
    """What is open of some invoices, by currency. One query."""
    today = business_today()
    late = Q(due_on__lt=today)
    rows = invoices.open().order_by().values("currency").annotate(
        many=Count("pk"),
        together=Sum("balance"),
        late=Count("pk", filter=late),
        overdue=Sum("balance", filter=late),
        first=Min("due_on"),
        following=Min("due_on", filter=~late),
    )  # fmt: skip
    return [
        Owed(
            row["currency"],
            row["many"],
            row["together"],
            row["late"],
            row["overdue"] or Decimal("0.00"),
            row["first"],
            row["following"],
        )
        for row in rows.order_by("currency")
    ]


def with_credit(owed_now: Iterable[Owed], invoices: InvoiceQuerySet, payments: PaymentQuerySet) -> list[Owed]:
    """What is open by currency, each with its credit: what is left of these payments, and of credit notes among these
    invoices. Currencies with credit alone come along. Two queries."""
    credit = credit_of(payments, invoices)
    known = {currency: Owed(currency, 0, ZERO, 0, ZERO, None, None) for currency in credit}
    known |= {one.currency: one for one in owed_now}
    return [replace(one, credit=credit.get(currency, ZERO)) for currency, one in sorted(known.items())]


@dataclass(frozen=True)
class NotBilled:
    """Work that is done and not billed yet, in one currency, before or with tax; ``unpriced``: what lacks a price."""

    currency: str
    with_tax: bool
    count: int
    amount: Decimal
    unpriced: int


def not_billed(orders: JobQuerySet) -> list[NotBilled]:
    """What some completed orders that are on no invoice come to. One query."""
    rows = orders.order_by().values("currency", "prices_include_tax").annotate(
        many=Count("pk"), together=Sum("amount"), unpriced=Count("pk", filter=Q(amount__isnull=True))
    )  # fmt: skip
    return [
        NotBilled(
            row["currency"] or default_currency(),
            row["prices_include_tax"],
            row["many"],
            row["together"] or Decimal("0.00"),
            row["unpriced"],
        )
        for row in rows.order_by("currency", "prices_include_tax")
    ]


# --- Invoices in a list ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownInvoice:
    """An invoice as a list shows it; sums of a credit note are below zero."""

    invoice: Invoice
    words: str
    look: str
    icon: str
    place: str

    @property
    def name(self) -> str:
        """What it is called: its number, or what it is."""
        return self.invoice.number or str(self.invoice.get_kind_display())

    @property
    def is_credit_note(self) -> bool:
        """Does it give money back?"""
        return self.invoice.kind == DocumentKind.CREDIT_NOTE

    @property
    def total(self) -> Decimal:
        """What it asks for."""
        return -self.invoice.total if self.is_credit_note else self.invoice.total

    @property
    def balance(self) -> Decimal:
        """What remains of that."""
        if self.invoice.status == InvoiceStatus.PENDING:
            return self.total
        return -self.invoice.balance if self.is_credit_note else self.invoice.balance


def shown_invoices(invoices: Iterable[Invoice], today: date) -> list[ShownInvoice]:
    """Some invoices with where they stand and where the work was done. One query."""
    listed = list(invoices)
    places = records.addresses_on(listed)
    return [shown_invoice(one, today, *places.get(one.pk, ("", 0))) for one in listed]


def shown_invoice(invoice: Invoice, today: date, place: str = "", places: int = 0) -> ShownInvoice:
    """One invoice with where it stands; ``place``: one of its so many ``places``."""
    look, icon = STATUS_LOOKS[InvoiceStatus(invoice.status)]
    words = invoice.customer_words
    if invoice.overdue_on(today) and invoice.due_on:
        look, icon = "danger", "circle-alert"
        words = _("Overdue since %s") % day_words(invoice.due_on + timedelta(days=1))
    elif invoice.kind == DocumentKind.CREDIT_NOTE and invoice.status != InvoiceStatus.PENDING:
        look, icon, words = "success", "receipt-text", str(invoice.get_kind_display())
    if places > 1:
        place = ngettext("%d place", "%d places", places) % places
    return ShownInvoice(invoice, words, look, icon, place)


# --- Payments ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownPayment:
    """A payment as a customer reads it, with what it settled. What the office notes is not part of it."""

    payment: Payment
    settled: Sequence[SettledInvoice]
    words: str
    look: str
    icon: str

    @property
    def name(self) -> str:
        """What it is called: its number, or what it is."""
        return self.payment.number or _("Payment")

    @property
    def invoices(self) -> str:
        """The invoices it settled, the first of many and how many more there are."""
        named = ", ".join(one.number for one in self.settled[:INVOICES_NAMED])
        more = len(self.settled) - INVOICES_NAMED
        return named if more < 1 else ngettext("%(invoices)s and %(n)d more", "%(invoices)s and %(n)d more", more) % {
            "invoices": named,
            "n": more,
        }  # fmt: skip


def shown_payments(payments: Iterable[Payment]) -> list[ShownPayment]:
    """Some payments with what they settled. One query."""
    listed = list(payments)
    settled = settled_of(listed)
    return [
        ShownPayment(one, settled.get(one.pk, ()), one.get_state_display(), *MONEY_LOOKS[MoneyState(one.state)])
        for one in listed
    ]


@dataclass(frozen=True)
class Settlement:
    """What settles an invoice in part or whole: what it is, its date, its number, its page if it has one."""

    what: str
    on: date | None
    number: str
    url: str
    amount: Decimal


def settlements(invoice: Invoice) -> list[Settlement]:
    """The payments, credit notes and write-offs that settle an invoice, the newest first. One query."""
    found = []
    on: date | None
    for credit, amount in settled_by(invoice):
        if isinstance(credit, Payment):
            what, on, url = _("Payment"), credit.on, reverse("portal_site:payment", args=[credit.address])
        elif isinstance(credit, Invoice):
            what, on = str(credit.get_kind_display()), credit.issued_on
            url = reverse("portal_site:invoice", args=[credit.address])
        else:
            what, on, url = _("No longer asked for"), credit.on, ""
        found.append(Settlement(what, on, credit.number or "", url, amount))
    return found


# --- Orders in a list --------------------------------------------------------------------------------------


def service_date(order: Job) -> date | None:
    """The day an order was done, or for which it is planned or asked for, by the reader's calendar."""
    moment = order.completed_at or order.planned_start or order.requested_start
    return timezone.localdate(moment) if moment else None


def described(order: Job) -> str:
    """What an order (template loaded) is made of: its first price lines, else what its template says."""
    lines = order.lines()
    if not lines:
        return order.template.description if order.template else ""
    named = ", ".join(map(_line_in_words, lines[:NAMED]))
    more = len(lines) - NAMED
    return named if more < 1 else ngettext("%(lines)s and %(n)d more", "%(lines)s and %(n)d more", more) % {
        "lines": named,
        "n": more,
    }  # fmt: skip


def _line_in_words(line: PriceLine) -> str:
    return line.description if line.quantity == 1 else f"{number_words(line.quantity)} × {line.description}"


def number_words(number: Decimal) -> str:
    """A number as the reader writes it, with the decimals it has: 2, 2.5 or 2,5."""
    plain = plain_number(number)
    return str(formats.number_format(plain, len(plain.partition(".")[2])))


def invoice_of(order: Job) -> str:
    """The number of the invoice an order is on; empty while there is none, or while it is being prepared."""
    return "" if order.billed_as == BEING_BILLED else order.billed_as


@dataclass(frozen=True)
class ShownOrder:
    """An order as a list shows it."""

    job: Job
    day: date | None
    description: str
    invoice: str

    @property
    def amount(self) -> str:
        """What it comes to; empty without a price."""
        return format_money(self.job.amount, self.job.currency) if self.job.amount is not None else ""


def shown_orders(orders: Iterable[Job]) -> list[ShownOrder]:
    """Some orders (template loaded) for a list."""
    return [ShownOrder(one, service_date(one), described(one), invoice_of(one)) for one in orders]


# --- One invoice -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProofOfWork:
    """What shows that a job was done, as far as she may see that job."""

    job: Job
    steps: list[ShownStep]
    files: list[ShownField]


@dataclass(frozen=True)
class PrintedLine:
    """A line as it is printed."""

    description: str
    quantity: str
    unit_price: str
    tax: str
    amount: str


@dataclass(frozen=True)
class LineGroup:
    """The lines under one heading, and the proof of their job if she may see it."""

    heading: str
    proof: ProofOfWork | None
    lines: list[PrintedLine] = field(default_factory=list)


def line_groups(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    rights: Rights,
    files: Mapping[int, Sequence[JobFile]],
    address_of: Callable[[JobFile], str],
) -> list[LineGroup]:
    """Lines (job with template, blueprint loaded) under their headings. ``files``: of each job, by its key."""
    groups: list[LineGroup] = []
    last: tuple[str, int | None] | None = None
    for line in lines:
        if last != (line.heading, line.job_id):
            last = (line.heading, line.job_id)
            groups.append(LineGroup(line.heading, _proof(line.job, rights, files, address_of)))
        groups[-1].lines.append(_shown_line(line, invoice.currency))
    return groups


def may_see_job(rights: Rights, job: Job) -> bool:
    """May she see this job? Who sees an invoice sees its lines, and of their jobs what she sees anyway."""
    return bool(decide(rights, "view_jobs", job))


def _proof(
    job: Job | None, rights: Rights, files: Mapping[int, Sequence[JobFile]], address_of: Callable[[JobFile], str]
) -> ProofOfWork | None:
    if job is None or not may_see_job(rights, job):
        return None
    done = [step for step in shown_steps(job) if step.done_at]
    return ProofOfWork(job, done, proof_fields(job, files.get(job.pk, ()), address_of))


def _shown_line(line: InvoiceLine, currency: str) -> PrintedLine:
    quantity = number_words(line.quantity)
    if line.unit != Unit.PIECE:
        quantity = f"{quantity} {line.get_unit_display()}"
    price = line.unit_price
    # Prices per kilogram have four decimals; those of a bin have two.
    as_written = format_money(price, currency) if price == round(price, 2) else f"{number_words(price)} {currency}"
    return PrintedLine(
        line.description, quantity, as_written, rate_words(line.tax_rate), format_money(line.printed, currency)
    )


def in_fours(iban: str) -> str:
    """An IBAN as people read it aloud: DE89 3704 0044 0532 0130 00."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))


def rate_words(rate: Decimal | str) -> str:
    """A rate as people write it: 19%, 5.5%; in German 19 %."""
    return _("%s%%") % number_words(Decimal(rate))


@dataclass(frozen=True)
class ShownTax:
    """What one rate comes to, and why no tax is charged where that is so."""

    name: str
    rate: str
    base: str
    tax: str
    reason: str


def shown_taxes(invoice: Invoice) -> list[ShownTax]:
    """The taxes of an invoice as they are printed."""
    return [
        ShownTax(
            str(group["name"]),
            rate_words(group["rate"]) if Decimal(group["rate"]) else "",
            format_money(group["base"], invoice.currency),
            format_money(group["tax"], invoice.currency),
            str(group.get("reason", "")),
        )
        for group in invoice.tax_groups
    ]
