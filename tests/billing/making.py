"""What the tests of billing begin with: a business that can bill, orders that can be billed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.models import Customer
from billing.models import BillingProfile, BillingSettings
from billing.services import save_billing_settings, save_profile
from jobs.models import Job
from jobs.services import complete_job, start_job
from tests.factories import make_job

SELLER = {
    "seller_name": "Harbour Bins GmbH",
    "seller_street": "Kai 4",
    "seller_postcode": "20457",
    "seller_city": "Hamburg",
    "seller_country": "DE",
    "vat_id": "DE136695976",
    "iban": "DE89370400440532013000",
}


def set_up_billing(**fields: Any) -> BillingSettings:
    """The seller, with taxes and series that come along."""
    settings = BillingSettings.load()
    for name, value in (SELLER | fields).items():
        setattr(settings, name, value)
    return save_billing_settings(settings, by=None)


def bill_to(customer: Customer, **fields: Any) -> BillingProfile:
    """An invoice address of that customer."""
    address = {"street": "1 Mill Lane", "postcode": "20095", "city": "Hamburg", "country": "DE"}
    return save_profile(BillingProfile(customer=customer, **(address | fields)), by=None)


def order(customer: Customer, *lines: tuple[str, str, str], done: bool = True, **facts: Any) -> Job:
    """An order that is done, with lines of (description, quantity, unit price)."""
    said = [{"description": what, "quantity": many, "unit_price": price} for what, many, price in lines]
    facts.setdefault("amount", None if lines else Decimal("120.00"))
    facts.setdefault("address", "12 Mill Lane, Hamburg")
    job = make_job(customer, price_lines=said or None, **facts)
    if done:
        job = complete_job(start_job(job, by=None), by=None)
    return job
