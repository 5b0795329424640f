"""Which orders can be billed, and why others can't: in the words of the list "To bill"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cache

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import BillingProfile
from jobs.choices import JobStatus
from jobs.models import Job
from money.minor import require_two_decimals


class BillingProblem(StrEnum):
    """What keeps an order from an invoice, or its invoice from being posted."""

    NOT_COMPLETED = "not_completed"
    BILLED = "billed"
    HOLD = "hold"
    NO_PRICE = "no_price"
    BELOW_ZERO = "below_zero"
    NO_PO = "no_po"
    CURRENCY = "currency"
    NO_ADDRESS = "no_address"


SENTENCES: dict[BillingProblem, Promise] = {
    BillingProblem.NOT_COMPLETED: _("It is not completed."),
    BillingProblem.BILLED: _("It is on an invoice already."),
    BillingProblem.HOLD: _("This customer is not billed at the moment."),
    BillingProblem.NO_PRICE: _("It has no price."),
    BillingProblem.BELOW_ZERO: _("Its amount is below zero. What a customer gets back is a credit note."),
    BillingProblem.NO_PO: _("The customer's PO number is missing."),
    BillingProblem.CURRENCY: _("Invoices are not written in its currency."),
    BillingProblem.NO_ADDRESS: _("The customer has no invoice address."),
}
# The same in one or two words, for a label in a list.
LABELS: dict[BillingProblem, Promise] = {
    BillingProblem.NOT_COMPLETED: _("Not completed"),
    BillingProblem.BILLED: _("On an invoice"),
    BillingProblem.HOLD: _("Do not bill"),
    BillingProblem.NO_PRICE: _("No price"),
    BillingProblem.BELOW_ZERO: _("Below zero"),
    BillingProblem.NO_PO: _("PO missing"),
    BillingProblem.CURRENCY: pgettext_lazy("of an order that can't be billed", "Currency"),
    BillingProblem.NO_ADDRESS: _("No invoice address"),
}
# An invoice can be prepared all the same; it can't be posted.
BLOCKS_POSTING_ALONE = frozenset({BillingProblem.NO_ADDRESS})


def po_number_of(job: Job, profile: BillingProfile | None) -> str:
    """The customer's own number for an order: the standing one of the profile while it is valid. Empty without one."""
    if profile is None:
        return ""
    until = profile.standing_po_until
    return profile.standing_po if until is None or service_day(job) <= until else ""


def service_day(job: Job) -> date:
    """The day an order was done, by the business's calendar; today where it is not done."""
    return timezone.localdate(job.completed_at) if job.completed_at else timezone.localdate()


def problems_of(job: Job, profile: BillingProfile | None) -> list[BillingProblem]:
    """What keeps an order from being billed, gravest first; empty when nothing does."""
    found = []
    if job.status != JobStatus.COMPLETED:
        found.append(BillingProblem.NOT_COMPLETED)
    if job.is_billed:
        found.append(BillingProblem.BILLED)
    if profile is not None and profile.hold_reason:
        found.append(BillingProblem.HOLD)
    if job.amount is None:
        found.append(BillingProblem.NO_PRICE)
    elif job.amount < 0:
        found.append(BillingProblem.BELOW_ZERO)
    if profile is not None and profile.po_required and not po_number_of(job, profile):
        found.append(BillingProblem.NO_PO)
    try:
        require_two_decimals(job.currency)
    except ValidationError:
        found.append(BillingProblem.CURRENCY)
    if profile is None or profile.missing():
        found.append(BillingProblem.NO_ADDRESS)
    return found


def blocks(problems: Iterable[BillingProblem]) -> list[BillingProblem]:
    """Those that rule out even a pending invoice."""
    return [problem for problem in problems if problem not in BLOCKS_POSTING_ALONE]


def profiles_of(customers: Iterable[int]) -> dict[int, BillingProfile]:
    """The billing profiles of these customers (primary keys), where there are some."""
    rows = BillingProfile.objects.filter(customer__in=set(customers)).select_related("customer")
    return {profile.customer_id: profile for profile in rows}


@cache
def _billed_currencies() -> tuple[str, ...]:
    found = []
    for currency in sorted(list_currencies("en")):
        try:
            require_two_decimals(currency)
        except ValidationError:
            continue
        found.append(currency)
    return tuple(found)


def having(problem: BillingProblem) -> Q:
    """The condition on jobs that have a problem: says of a row what ``problems_of`` says of a job."""
    profile = "customer__billing_profile"
    no_standing_po = Q(**{f"{profile}__standing_po": ""}) | Q(completed_at__date__gt=F(f"{profile}__standing_po_until"))
    match problem:
        case BillingProblem.NOT_COMPLETED:
            return ~Q(status=JobStatus.COMPLETED)
        case BillingProblem.BILLED:
            return ~Q(billed_as="")
        case BillingProblem.HOLD:
            return Q(**{f"{profile}__hold_reason__gt": ""})
        case BillingProblem.NO_PRICE:
            return Q(amount__isnull=True)
        case BillingProblem.BELOW_ZERO:
            return Q(amount__lt=0)
        case BillingProblem.NO_PO:
            return Q(**{f"{profile}__po_required": True}) & no_standing_po
        case BillingProblem.CURRENCY:
            return ~Q(currency__in=_billed_currencies())
        case BillingProblem.NO_ADDRESS:
            return Q(**{f"{profile}__isnull": True}) | Q(**{f"{profile}__street": ""}) | Q(**{f"{profile}__city": ""})


def blocked() -> Q:
    """The condition on jobs that can't be on an invoice."""
    condition = Q()
    for problem in BillingProblem:
        if problem not in BLOCKS_POSTING_ALONE:
            condition |= having(problem)
    return condition
