"""What the tests of money on the companion site begin with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Customer, PortalUser
from billing.models import Invoice
from billing.services import make_invoices, post_invoice
from permissions.models import PermissionOverride
from tests.billing.making import bill_to, order, set_up_billing


def allow(person: PortalUser, *codes: str) -> None:
    """This portal user may do that, for all her customers."""
    for code in codes or ("view_invoices",):
        PermissionOverride.objects.update_or_create(portal_user=person, permission=code, defaults={"effect": "allow"})


def bills(cast: Any, *customers: Customer) -> None:
    """The business can bill, and these customers have an invoice address."""
    set_up_billing(phone="+49 40 5550111", email="money@harbour.example")
    for customer in customers:
        bill_to(customer)


def billed(
    cast: Any,
    customer: Customer,
    *lines: tuple[str, str, str],
    on: dt.date | None = None,
    post: bool = True,
    **facts: Any,
) -> Invoice:
    """An invoice of one order of that customer; posted, unless it stays pending."""
    facts.setdefault("template", cast.exchange)
    job = order(customer, *(lines or (("Skip exchange", "1", "100.00"),)), **facts)
    [invoice] = make_invoices([job.pk], by=None).invoices
    return post_invoice(invoice, by=None, issue_on=on) if post else invoice
