"""Statements of account as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Customer
from billing.billable import profiles_of
from billing.countries import country_name
from billing.documents.fonts import breakable, printable
from billing.documents.render import render
from billing.documents.wording import day, head_and_foot, plain_amount
from billing.models import BillingSettings
from billing.statement_page import StatementPage
from billing.statements import StatementRow
from business.models import PortalSettings
from money import format_money

# With more rows, the tags for screen readers weigh more than all the rest.
TAGGED = 500
# More take a web process too long: a second for each two thousand.
MOST_ROWS = 5000


def statement_pdf(page: StatementPage) -> bytes:
    """A statement on paper, in the language of the moment. Raises PdfFailed."""
    tagged = len(page.statement.rows) <= TAGGED
    return render("statement.typ", _words(page), at=timezone.now(), tagged=tagged).content


def fits_on_paper(page: StatementPage) -> bool:
    """Has it few enough rows for a PDF?"""
    return len(page.statement.rows) <= MOST_ROWS


def _words(page: StatementPage) -> dict[str, Any]:
    statement = page.statement
    settings = BillingSettings.load()
    title = _("Statement of account, %(first)s to %(last)s") % {
        "first": day(statement.first),
        "last": day(statement.last),
    }
    subtitle = [_("Location: %s") % page.place_name] if page.place_name else []
    if page.known:
        subtitle.append(_("As it was known on %s") % day(page.known))
    return {
        **head_and_foot(
            title,
            seller=settings.as_printed(),
            buyer=_buyer(statement.customer, settings),
            business=PortalSettings.load(),
        ),
        "subtitle": breakable(" · ".join(subtitle)),
        "facts": _facts(page),
        "columns": [
            _("Date"),
            _("What"),
            _("Due"),
            _("Amount in %s") % statement.currency,
            _("Balance in %s") % statement.currency,
        ],
        "rows": list(_rows(page)),
        "ageing_title": _("What is open on %s") % day(statement.last),
        "ageing": _ageing(page),
        "notes": _notes(page),
    }


def _buyer(customer: Customer, settings: BillingSettings) -> dict[str, str]:
    """Whom it is for: the invoice address of today."""
    profile = profiles_of([customer.pk]).get(customer.pk)
    if profile is None:
        return {"name": customer.name}
    country = profile.country or settings.seller_country
    return {
        "name": profile.legal_name or customer.name,
        "street": profile.street,
        "street2": profile.street2,
        "postcode": profile.postcode,
        "city": profile.city,
        "country_name": country_name(country) if country and country != settings.seller_country else "",
    }


def _facts(page: StatementPage) -> list[tuple[str, str]]:
    statement = page.statement
    found = [
        (pgettext("the first day", "From"), day(statement.first)),
        (pgettext("the last day", "To"), day(statement.last)),
        (_("Customer number"), statement.customer.external_id or ""),
        (_("Opening balance"), format_money(statement.opening, statement.currency)),
        (_("Closing balance"), format_money(statement.closing, statement.currency)),
    ]
    return [(printable(label), breakable(value)) for label, value in found if value]


def _rows(page: StatementPage) -> Iterator[dict[str, Any]]:
    statement = page.statement
    yield _row(day(statement.first), _("Opening balance"), plain_amount(statement.opening))
    for row in statement.rows:
        yield {"strong": False, "words": _cells(row)}
    yield _row(day(statement.last), _("Closing balance"), plain_amount(statement.closing))


def _row(on: str, what: str, balance: str) -> dict[str, Any]:
    return {"strong": True, "words": [on, what, "", "", balance]}


def _cells(row: StatementRow) -> list[str]:
    due = day(row.due_on) if row.due_on else ""
    return [day(row.on), breakable(row.words), due, plain_amount(row.amount), plain_amount(row.balance)]


def _ageing(page: StatementPage) -> list[tuple[str, str, bool]]:
    statement = page.statement
    rows = [(str(age.label), age.amount, False) for age in statement.ageing]
    if statement.unassigned:
        rows.append((_("Not assigned to invoices yet"), statement.credit, False))
    rows.append((_("Closing balance"), statement.closing, True))
    return [(label, format_money(amount, statement.currency), strong) for label, amount, strong in rows]


def _notes(page: StatementPage) -> list[str]:
    statement = page.statement
    if page.place is None or not statement.unassigned_payments:
        return []
    left = format_money(statement.unassigned_payments, statement.currency)
    return [
        _("%s of your payments settles no invoice yet. It stands on the whole account, and belongs to no location.")
        % left
    ]
