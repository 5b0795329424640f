"""What payments, refunds and write-offs are asked for alike, and their numbers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from audit.act import current_act
from audit.locks import lock_rows
from billing.choices import MoneyState, SeriesKind
from billing.models import BillingSettings, CustomerAccount, Invoice, MoneyRecord
from billing.numbering import default_series, take_document_numbers
from billing.posting import locked_account
from console.errors import Refused
from console.reach import By, require_reach
from money.minor import ZERO, to_minor

# A date further back is a slip of the finger.
FURTHEST = timedelta(days=366)

_Money = TypeVar("_Money", bound=MoneyRecord)


def required_amount(amount: Decimal) -> Decimal:
    """An amount above nothing, in cents. Raises Refused for what is none."""
    try:
        to_minor(amount)
    except ValueError as error:
        raise Refused(_("This is no amount such as 120.50.")) from error
    if amount <= 0:
        raise Refused(_("Write an amount above zero."))
    return amount + ZERO


def require_day(on: date, settings: BillingSettings) -> None:
    """Raise Refused for a day on which no money is booked: to come, long gone, or in closed books."""
    today = timezone.localdate()
    if on > today:
        raise Refused(_("%s has not come yet: money is recorded once it is there.") % date_format(on, "j M Y"))
    if today - on > FURTHEST:
        raise Refused(_("%s is more than a year away.") % date_format(on, "j M Y"))
    closed = settings.books_closed_until
    if closed is not None and on <= closed:
        raise Refused(_("The books are closed until %s. Choose a later date.") % date_format(closed, "j M Y"))


def required_reason(reason: str) -> str:
    """The reason, which stands in the history. Raises Refused for none."""
    if not reason.strip():
        raise Refused(_("Say why: your colleagues read it later."))
    return reason.strip()[:300]


def give_money_number(record: MoneyRecord, kind: SeriesKind) -> None:
    """The next number of its series. Its date may be before that of the number before it: money is recorded as it is
    found."""
    taken = take_document_numbers(default_series(kind), record.on, 1, in_order=False)
    record.series, record.year, record.counter = taken.year.series, taken.year.year, taken.first
    record.number = taken.number(0)
    record.state = MoneyState.SUCCEEDED


def say_who_made(record: MoneyRecord) -> None:
    """By whom and by way of what it came, from the act under way."""
    act = current_act()
    record.source = act.source
    record.created_by_id = act.by.pk if act.by is not None else None


def locked_money(record: _Money, *, by: By) -> tuple[CustomerAccount, _Money]:
    """The account that it moves, and the record as it stands in the database, locked in the order in which everybody
    does. Raises NotAllowed for a customer that was not granted, Refused after a merge."""
    customer = record.customer_id
    account = locked_account(customer, record.currency)
    found = type(record)._base_manager.select_for_update(of=("self",)).select_related("customer").get(pk=record.pk)
    require_reach(by, found)
    require_same_customer(account, found)
    return account, found


def require_same_customer(account: CustomerAccount, record: MoneyRecord | Invoice) -> None:
    """Raise Refused where the customer was merged while somebody waited."""
    if account.customer_id != record.customer_id:
        raise Refused(_("This customer was merged into another meanwhile. Try again."))


def locked_invoices(keys: list[int], account: CustomerAccount, *, by: By) -> dict[int, Invoice]:
    """Invoices (primary keys) of an account, locked, by their key. Raises Refused for one that is not of it, NotAllowed
    for one that was not granted."""
    lock_rows(Invoice, keys)
    rows = Invoice.objects.select_related("customer").filter(pk__in=keys)
    found = {invoice.pk: invoice for invoice in rows}
    require_reach(by, *found.values())
    for key in keys:
        invoice = found.get(key)
        if invoice is None or (invoice.customer_id, invoice.currency) != (account.customer_id, account.currency):
            raise Refused(_("One of these invoices is not of this customer and currency. Look again."))
    return found


def require_open(invoice: Invoice, amount: Decimal) -> None:
    """Raise Refused unless so much is still to come for an invoice."""
    if not invoice.is_open:
        raise Refused(_("Nothing is open on %s.") % invoice)
    if amount > invoice.balance:
        raise Refused(
            _("On %(invoice)s only %(open)s is open, not %(amount)s.")
            % {
                "invoice": invoice,
                "open": number_format(invoice.balance, 2, use_l10n=True, force_grouping=True),
                "amount": number_format(amount, 2, use_l10n=True, force_grouping=True),
            }
        )
