"""What the pages of a statement share, in the console and on the companion site: what is asked for, and its table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.http import Http404, QueryDict, StreamingHttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import Customer, Location
from audit.conventions import Cell, convention_of
from audit.headers import file_header
from audit.spreadsheet import csv_lines
from billing.models import AccountEntry
from billing.statements import NO_LOCATION, Statement, Where, statement_of
from console.addresses import FIRST_YEAR, LAST_YEAR, shortened
from money import default_currency

# How an address names what is of no location.
_NOWHERE = "-"


@dataclass(frozen=True)
class PlaceChoice:
    """A place that can be chosen: how an address names it, and how people do."""

    value: str
    label: str
    where: Where


@dataclass(frozen=True)
class Preset:
    """A time to choose with one press."""

    label: str | Promise
    first: date
    last: date

    @property
    def query(self) -> str:
        """What an address says of it."""
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat()})


@dataclass(frozen=True)
class StatementPage:
    """A statement that was asked for, and everything it can be asked for instead."""

    statement: Statement
    place: PlaceChoice | None
    known: date | None
    places: Sequence[PlaceChoice]
    currencies: Sequence[str]
    presets: Sequence[Preset]
    left_out: tuple[str, ...]

    @property
    def place_name(self) -> str:
        """The place that was chosen; empty for the whole account."""
        return self.place.label if self.place else ""

    @property
    def by_place(self) -> list[tuple[PlaceChoice, Decimal]]:
        """The places for which something is owed, or which have something to their credit, and how much."""
        owed = self.statement.places
        keys = {one: None if one.where is NO_LOCATION else one.where for one in self.places}
        return [(one, owed[key]) for one, key in keys.items() if owed.get(key)]

    @property
    def preset(self) -> Preset | None:
        """The preset that was chosen."""
        requested = (self.statement.first, self.statement.last)
        return next((one for one in self.presets if (one.first, one.last) == requested), None)

    @property
    def file_name(self) -> str:
        """What its files are called, without their ending."""
        statement = self.statement
        return _("statement %(first)s to %(last)s") % {"first": statement.first, "last": statement.last}


def presets(today: date) -> list[Preset]:
    """This month, the last one, this year: up to today, since what comes is not owed yet."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return [
        Preset(gettext_lazy("This month"), month, today),
        Preset(gettext_lazy("Last month"), before.replace(day=1), before),
        Preset(gettext_lazy("This year"), today.replace(month=1, day=1), today),
    ]


def read_statement(customer: Customer, currencies: Collection[str], query: QueryDict) -> StatementPage:
    """The statement of a customer, who has accounts in these currencies, that an address asks for: ``from``, ``to``,
    ``place``, ``known`` (a day), ``currency``.

    A date or currency that makes no sense counts as absent, and is said. Raises Http404 for a place that is none of
    this account: a page of everything would pass for that place's.
    """
    zone = timezone.get_default_timezone()
    today, left_out = timezone.localdate(timezone=zone), list[str]()
    offered = presets(today)
    first = _day(query, "from", pgettext("the first day", "From"), left_out) or offered[0].first
    last = _day(query, "to", pgettext("the last day", "To"), left_out) or max(first, today)
    if last < first:
        left_out.append(_("The last day is before the first one: they were changed round."))
        first, last = last, first
    known = _day(query, "known", _("As it was known on"), left_out)
    known_at = datetime.combine(known, time.max, tzinfo=zone) if known else None
    offered_currencies = sorted({*currencies} or {default_currency()}, key=lambda one: (one != default_currency(), one))
    currency = query.get("currency", "")
    if currency not in offered_currencies:
        if currency:
            left_out.append(_("There is no account in “%s”.") % shortened(currency))
        currency = offered_currencies[0]
    places = _places(customer)
    place = None
    if wanted := query.get("place", ""):
        place = next((one for one in places if one.value == wanted), None)
        if place is None:
            raise Http404
    statement = statement_of(
        customer,
        currency=currency,
        first=first,
        last=last,
        location=place.where if place else None,
        known_at=known_at,
    )
    return StatementPage(statement, place, known, places, offered_currencies, offered, tuple(left_out))


def _day(query: QueryDict, name: str, label: str, left_out: list[str]) -> date | None:
    value = query.get(name, "")
    if not value:
        return None
    try:
        day = parse_date(value)
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        said = {"value": shortened(value), "field": label}
        left_out.append(_("“%(value)s” is no date for “%(field)s” and was left out.") % said)
        return None
    return day


def _places(customer: Customer) -> list[PlaceChoice]:
    """The places that ever had anything on an account of hers, by name, and what is of none; two of one name are told
    apart by a number. Whatever the day: who goes back in time stays with the place that she chose."""
    ever = AccountEntry.objects.filter(customer=customer, location__isnull=False).order_by().values("location")
    names: dict[str, int] = {}
    found = []
    for place in Location.objects.filter(pk__in=ever).order_by("name", "street", "pk"):
        name = str(place)
        names[name] = names.get(name, 0) + 1
        label = name if names[name] == 1 else f"{name} ({names[name]})"
        found.append(PlaceChoice(label, label, place.pk))
    return [*found, PlaceChoice(_NOWHERE, _("No location"), NO_LOCATION)] if found else []


def statement_csv(page: StatementPage, convention: str | None) -> StreamingHttpResponse:
    """Its table as a CSV file, written as the reader's language has it, or as asked for."""
    how = convention_of(convention)
    lines = csv_lines(([how.written(cell) for cell in row] for row in statement_rows(page)), how.delimiter)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = file_header(f"{page.file_name}.csv", to_keep=True)
    return response


def statement_rows(page: StatementPage) -> Iterator[list[Cell]]:
    """Its table as a file: a heading, opening balance, rows, closing balance, and how old what is open is."""
    statement = page.statement
    yield [
        _("Date"),
        _("What"),
        _("Number"),
        _("Due"),
        _("Amount"),
        pgettext("account", "Balance"),
        _("Currency"),
        _("Location"),
    ]

    def row(day: date | None, what: str, amount: Decimal | None, balance: Decimal | None, *more: Cell) -> list[Cell]:
        number, due = more or ("", None)
        return [day, what, number, due, amount, balance, statement.currency, page.place_name]

    yield row(statement.first, _("Opening balance"), None, statement.opening)
    for one in statement.rows:
        yield row(one.on, one.words, one.amount, one.balance, one.number, one.due_on)
    yield row(statement.last, _("Closing balance"), None, statement.closing)
    for age in statement.ageing:
        yield row(None, str(age.label), age.amount, None)
    if statement.unassigned:
        yield row(None, _("Not assigned to invoices yet"), statement.credit, None)
