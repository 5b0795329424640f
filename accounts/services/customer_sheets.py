"""Customers with their contacts and locations, as an import or another system names them: in sets."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.contact_changes import ContactChange, changes_between, snapshots
from accounts.contact_copies import follow_contacts
from accounts.models import Contact, Customer, Location
from accounts.models.people import Anyone
from accounts.services.customers import save_customer
from accounts.services.labels import labels_of_names
from accounts.services.named_customers import uses_of_customers
from audit.act import acting
from audit.changelog import history_of
from audit.normal_form import normal_form
from console.reach import By, require_all_customers, require_reach

# The customer's own fields, and those of a contact, that a sheet may say.
FIELDS = ("name", "external_id", "payment_terms", "notes")
CONTACT_FIELDS = ("name", "email", "phone")
PLACE_FIELDS = ("street", "postcode", "city")
# Where it is on the map: given up with another address, back with the old one.
SPOT = ("latitude", "longitude")


@dataclass
class CustomerSheet:
    """What is said about one customer. What is not said is not there: ``fields`` of FIELDS, ``site`` and ``billing``
    of CONTACT_FIELDS, ``place`` of PLACE_FIELDS (with a street), ``labels`` by name. ``corrects_place``: the place is
    what the customer's first location is, and no other one."""

    fields: Mapping[str, Any]
    site: Mapping[str, str] = field(default_factory=dict)
    billing: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)
    labels: Sequence[str] = ()
    corrects_place: bool = False


def create_customers(sheets: Sequence[CustomerSheet], *, by: By) -> list[Customer]:
    """Makes customers, in order, with contacts, a location and labels; history of all of them. All or none.

    Costs a fixed number of queries, and one more for each customer with labels. Raises NotAllowed for whoever works
    only with certain customers.
    """
    if sheets:
        require_all_customers(by)
    with transaction.atomic(), acting(by=by):
        customers = [Customer(**sheet.fields) for sheet in sheets]
        bulk_create_with_history(customers, Customer, batch_size=500)
        contacts, places = [], []
        for customer, sheet in zip(customers, sheets, strict=True):
            contacts += _contacts(customer, sheet)
            if sheet.place.get("street"):
                places.append(Location(customer=customer, **sheet.place))
        bulk_create_with_history(contacts, Contact, batch_size=500)
        bulk_create_with_history(places, Location, batch_size=500)
        known = labels_of_names({name for sheet in sheets for name in sheet.labels}, by=by)
        for customer, sheet in zip(customers, sheets, strict=True):
            if sheet.labels:
                customer.labels.add(*(known[normal_form(name)] for name in sheet.labels))
        return customers


def _contacts(customer: Customer, sheet: CustomerSheet) -> list[Contact]:
    """One contact who is both when the sheet names the same person, or no billing contact of its own."""
    contacts = []
    if any(sheet.site.values()):
        contacts.append(_contact(customer, sheet.site, is_site_contact=True))
    if any(sheet.billing.values()):
        contacts.append(_contact(customer, sheet.billing, is_billing_contact=True))
    return contacts


def _contact(customer: Customer, said: Mapping[str, str], **role: bool) -> Contact:
    name = said.get("name") or said.get("email", "").split("@")[0] or customer.name
    return Contact(customer=customer, name=name[:120], email=said.get("email", ""), phone=said.get("phone", ""), **role)


def customer_differences(
    customer: Customer, sheet: CustomerSheet, contacts: Sequence[Contact], places: Sequence[Location]
) -> dict[str, tuple[object, object]]:
    """What the sheet says otherwise: {field: (now, then)}; fields of contacts as "site.email", the location "place"."""
    found = {
        name: (getattr(customer, name), value)
        for name, value in sheet.fields.items()
        if getattr(customer, name) != value
    }
    for role, said in (("site", sheet.site), ("billing", sheet.billing)):
        contact = next((c for c in contacts if getattr(c, f"is_{role}_contact")), None)
        for name, value in said.items():
            now = getattr(contact, name) if contact else ""
            if now != value:
                found[f"{role}.{name}"] = (now, value)
    street = sheet.place.get("street")
    if sheet.corrects_place and places:
        said_of_it = [(getattr(places[0], name), value) for name, value in sheet.place.items()]
        if any(now != value for now, value in said_of_it):
            found["place"] = (places[0].address, Location(customer=customer, **sheet.place).address)
    elif street and not any(normal_form(place.street) == normal_form(street) for place in places):
        found["place"] = ("", Location(customer=customer, **sheet.place).address)
    return found


def contact_changes(sheet: CustomerSheet, customer: Customer, contacts: Sequence[Contact]) -> list[ContactChange]:
    """What the sheet would make of a customer's contacts. Changes nothing."""
    foretold = [copy(contact) for contact in contacts]
    new = [one for one in _bring_up_to_date(sheet, customer, foretold) if one.pk is None]
    return changes_between(snapshots(contacts), snapshots([*foretold, *new]))


def _bring_up_to_date(sheet: CustomerSheet, customer: Customer, contacts: Sequence[Contact]) -> list[Contact]:
    """Gives contacts what the sheet says otherwise; returns those to be saved, new ones with them."""
    touched: list[Contact] = []
    for role, said in (("site", sheet.site), ("billing", sheet.billing)):
        contact = next((c for c in contacts if getattr(c, f"is_{role}_contact")), None)
        if all((getattr(contact, name) if contact else "") == value for name, value in said.items()):
            continue
        if contact is None:
            contact = _contact(customer, said, **{f"is_{role}_contact": True})
        for name, value in said.items():
            setattr(contact, name, value)
        if contact not in touched:
            touched.append(contact)
    return touched


def update_customer(
    customer: Customer, sheet: CustomerSheet, *, by: Anyone | None, change_open_jobs: bool = False
) -> Customer:
    """Gives a customer what the sheet says: her own fields, her contacts' fields, a location she did not have (or
    the address of her first one).

    ``change_open_jobs``: those that name a contact as it was, and that ``by`` may work with, name it as it is then.
    """
    require_reach(by, customer)
    with transaction.atomic(), acting(by=by):
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        contacts, places = list(customer.contacts.all()), list(customer.locations.all())
        wanted = customer_differences(customer, sheet, contacts, places)
        changes = contact_changes(sheet, customer, contacts)
        own = {name: new for name, (_old, new) in wanted.items() if name in sheet.fields}
        if own:
            for name, value in own.items():
                setattr(customer, name, value)
            save_customer(customer, by=by)
        for contact in _bring_up_to_date(sheet, customer, contacts):
            contact.save()
        if "place" in wanted and sheet.corrects_place and places:
            _correct_place(places[0], sheet.place)
        elif "place" in wanted:
            Location.objects.create(customer=customer, **sheet.place)
        if change_open_jobs:
            follow_contacts({customer.pk: changes}, by=by)
        return customer


def _correct_place(place: Location, said: Mapping[str, str]) -> None:
    """Gives a location another address. Where it is on the map is not known then."""
    for name, value in said.items():
        setattr(place, name, value)
    place.latitude = place.longitude = None
    place.save()


# --- undoing ------------------------------------------------------------------------------------------------


def lock_customers(keys: Collection[int]) -> dict[int, Customer]:
    """Those of the customers that are there, by key, locked with their contacts and locations until the transaction
    ends: nobody touches them meanwhile, or hangs anything on them."""
    customers = Customer.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(list(keys))
    for model in (Contact, Location):
        theirs = model._base_manager.select_for_update(of=("self",)).filter(customer__in=customers.keys())
        list(theirs.order_by("pk").values_list("pk"))
    return customers


def customers_touched_since(keys: Collection[int], request_id: uuid.UUID) -> dict[int, str]:
    """Customers whose own facts, contacts or locations somebody changed after that act: {key: who and when}."""
    about = ((Customer, "id"), (Contact, "customer_id"), (Location, "customer_id"))
    rows = {model: history_of(model).model.objects.filter(**{f"{name}__in": keys}) for model, name in about}
    ours: dict[int, datetime] = {}
    for model, name in about:
        written = rows[model].filter(request_id=request_id).order_by().values_list(name)
        for key, at in written.annotate(at=models.Max("history_date")):
            ours[key] = max(at, ours.get(key, at))
    touched: dict[int, str] = {}
    for model, name in about:
        later = rows[model].filter(history_date__gt=min(ours.values())) if ours else rows[model]
        for row in later.exclude(request_id=request_id).order_by("history_id"):
            key = getattr(row, name)
            if key not in ours or row.history_date > ours[key]:
                when = date_format(timezone.localtime(row.history_date), "SHORT_DATETIME_FORMAT")
                touched[key] = _("changed by %(who)s on %(when)s") % {"who": row.actor, "when": when}
    return touched


def used_customers(keys: Collection[int]) -> dict[int, str]:
    """Customers whom anything hangs on but their own contacts and locations, or that a list names (an alert): {key: by
    what}."""
    used: dict[int, str] = {}
    for kind, rows, name in uses_of_customers():
        if kind not in (Contact, Location):
            for key in rows.filter(**{f"{name}__in": keys}).values_list(name, flat=True).distinct():
                used.setdefault(key, _("used by: %s") % kind._meta.verbose_name)
    return used


def delete_customers(customers: Collection[Customer], *, by: By) -> None:
    """Removes customers for good, with contacts and locations; their history stays."""
    require_reach(by, *customers)
    with transaction.atomic(), acting(by=by):
        Customer.objects.filter(pk__in=[customer.pk for customer in customers]).delete()


def restore_customer_before(customer: Customer, request_id: uuid.UUID, *, by: By) -> None:
    """Gives a customer, her contacts and her locations back what they said before the act with that request id."""
    require_reach(by, customer)
    with transaction.atomic(), acting(by=by):
        _restore(customer, request_id, FIELDS)
        for model in (Contact, Location):
            rows = history_of(model).model.objects.filter(customer_id=customer.pk, request_id=request_id)
            for key in set(rows.values_list("id", flat=True)):
                record = model.objects.filter(pk=key).first()
                if record is not None:
                    _restore(record, request_id, CONTACT_FIELDS if model is Contact else (*PLACE_FIELDS, *SPOT))


def _restore(record: Customer | Contact | Location, request_id: uuid.UUID, names: Sequence[str]) -> None:
    rows = history_of(type(record)).model.objects.filter(id=record.pk).order_by("history_id")
    first = rows.filter(request_id=request_id).first()
    if first is None:
        return
    before = rows.filter(history_id__lt=first.history_id).last()
    if before is None:
        record.delete()
        return
    for name in names:
        setattr(record, name, getattr(before, name))
    record.save()
