"""The columns of the file of customers: those an import of them knows, so that it can be corrected and read again."""

from __future__ import annotations

from accounts.models import Customer


def _contact(customer: Customer, role: str, fact: str) -> str:
    found = [contact for contact in customer.contacts.all() if getattr(contact, f"is_{role}_contact")]
    return getattr(found[0], fact) if found else ""


def _place(customer: Customer, fact: str) -> str:
    places = list(customer.locations.all())
    return getattr(places[0], fact) if places else ""


def site_contact(customer: Customer) -> str:
    return _contact(customer, "site", "name")


def site_email(customer: Customer) -> str:
    return _contact(customer, "site", "email")


def site_phone(customer: Customer) -> str:
    return _contact(customer, "site", "phone")


def billing_contact(customer: Customer) -> str:
    return _contact(customer, "billing", "name")


def billing_email(customer: Customer) -> str:
    return _contact(customer, "billing", "email")


def billing_phone(customer: Customer) -> str:
    return _contact(customer, "billing", "phone")


def street(customer: Customer) -> str:
    return _place(customer, "street")


def postcode(customer: Customer) -> str:
    return _place(customer, "postcode")


def town(customer: Customer) -> str:
    return _place(customer, "city")


def labels(customer: Customer) -> list[str]:
    return [label.name for label in customer.labels.all()]
