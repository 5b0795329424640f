"""Customers and their contacts, as they come in and go out. Checked in shape here, in meaning by the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict

from accounts.choices import PaymentTerms
from api.schemas import In
from api.types import Email, ExternalId, OneOf, Reference, length, said, storable

PersonName = Annotated[str, length(120), storable]
Phone = Annotated[str, length(40), storable]
Street = Annotated[str, length(200, 1), storable, said]
Postcode = Annotated[str, length(20), storable]
City = Annotated[str, length(100), storable]
CustomerName = Annotated[str, length(160), storable]
NewCustomerName = Annotated[str, length(160, 1), storable, said]
Terms = Annotated[int, OneOf(tuple(PaymentTerms.values))]


class ContactIn(In):
    """A person at the customer."""

    name: PersonName = ""
    email: Email = ""
    phone: Phone = ""


class PlaceIn(In):
    """A service address."""

    street: Street
    postcode: Postcode = ""
    city: City = ""


class CustomerRef(In):
    """Whom it is for: an existing customer by `id` (or `external:` and its external ID) or by `external_id`; or by
    `name`, which makes a new one when there is none of that name."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    id: Reference | None = None
    external_id: ExternalId | None = None
    name: CustomerName | None = None


class CustomerIn(In):
    """A new customer. `payment_terms`: days, 14 if left out; -1 is cash on delivery."""

    name: NewCustomerName
    external_id: ExternalId | None = None
    payment_terms: Terms | None = None
    site_contact: ContactIn | None = None
    billing_contact: ContactIn | None = None
    location: PlaceIn | None = None


class CustomerChange(In):
    """What changes; what is left out stays. A `location` that the customer does not have yet is added."""

    name: NewCustomerName = ""
    external_id: ExternalId | None = None
    payment_terms: Terms | None = None
    site_contact: ContactIn | None = None
    billing_contact: ContactIn | None = None
    location: PlaceIn | None = None


class ContactOut(Schema):
    """A person at a customer. The site contact gets the messages about jobs, the billing contact those about money."""

    name: str
    email: str
    phone: str
    is_site_contact: bool
    is_billing_contact: bool


class LocationOut(Schema):
    """A service address of a customer."""

    id: str
    name: str
    address: str
    latitude: Decimal | None
    longitude: Decimal | None


class CustomerOut(Schema):
    """A customer with its people and places. `payment_terms`: days; -1 is cash on delivery. `is_archived`: it gets no
    new jobs, and stands in no list."""

    id: str
    name: str
    external_id: str | None
    is_archived: bool
    payment_terms: int
    labels: list[str]
    contacts: list[ContactOut]
    locations: list[LocationOut]
