"""A job and its customer in one go: used as she stands, used and brought up to date, or made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Customer
from accounts.services.customer_sheets import CustomerSheet, create_customers, update_customer
from accounts.services.named_customers import one_name_at_a_time
from audit.act import acting
from audit.normal_form import tidy
from console.reach import require_all_customers
from jobs.models import Job
from jobs.services.creation import NewJob, create_job
from templates_app.services import By


def create_job_for(customer: Customer | str, facts: Mapping[str, Any], *, by: By, update: bool = False) -> Job:
    """Makes a job for a customer there is, or for a new one of that name; both or neither.

    ``facts``: what ``NewJob`` takes besides the customer. A new customer's site contact comes from the job's contact
    details. One there is is used as she stands; only with ``update`` does her site contact become what the job's
    contact details say, as far as they say anything (PRODUCT.md section 5).

    Raises as ``create_jobs`` does, and ValidationError {"new_customer": ...} when one of that name exists.
    """
    contact = {part: str(facts.get(f"contact_{part}") or "").strip() for part in ("name", "email", "phone")}
    said = {part: words for part, words in contact.items() if words}
    with transaction.atomic(), acting(by=by):
        if isinstance(customer, str):
            customer = _new_customer(customer, contact if said else {}, by)
        elif update and said:
            update_customer(customer, CustomerSheet(fields={}, site=said), by=by)
        return create_job(NewJob(customer=customer, **facts), by=by)


def _new_customer(name: str, contact: Mapping[str, str], by: By) -> Customer:
    # Before its name is looked for: what others are called is not told to whoever may make none.
    require_all_customers(by)
    name = tidy(name)
    one_name_at_a_time()
    require_new_customer_name(name)
    Customer(name=name).full_clean()
    site = dict(contact, name=contact.get("name") or name[:120]) if contact else {}
    return create_customers([CustomerSheet(fields={"name": name}, site=site)], by=by)[0]


def require_new_customer_name(name: str) -> None:
    """Raises ValidationError {"new_customer": ...} for no name, and for one that a customer bears already."""
    name = tidy(name)
    if not name:
        raise ValidationError({"new_customer": [_("What is the new customer called?")]})
    known = Customer.objects.filter(name_key=name).order_by("archived_at").first()
    if known is None:
        return
    if known.archived_at:
        sentence = _("“%s” is there already, archived. Restore it under Customers, or choose another name.")
    else:
        sentence = _("“%s” is there already. Use it, or give the new one a name that tells the two apart.")
    raise ValidationError({"new_customer": [sentence % known]})
