"""The columns a file may have, one class each: the only list.

A column says what it is called, by which header it is recognised, whether it is needed, and what its text means. The
mapping page, the check, the blank file, the command, the API's input and the docs all read it from here. To add a
column, add a class to the module of its kind and name it in ``COLUMNS`` (CONTRIBUTING.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from imports.choices import Kind
from imports.columns.base import LONGEST_CELL, NOTHING, Column, Formats, clean_text, same_value, same_words
from imports.columns.customers import (
    BillingMail,
    BillingName,
    BillingPhone,
    Labels,
    OwnCity,
    OwnExternalId,
    OwnName,
    OwnNotes,
    OwnPostcode,
    SiteMail,
    SiteName,
    SitePhone,
    Street,
    Terms,
)
from imports.columns.jobs import (
    FIELD,
    Address,
    Amount,
    AssetId,
    City,
    ContactMail,
    ContactName,
    ContactPhone,
    CustomerId,
    CustomerName,
    Duration,
    EndedAt,
    ExternalId,
    FieldColumn,
    Latitude,
    Longitude,
    Notes,
    PlannedStart,
    Postcode,
    RequestedStart,
    State,
    Template,
    WorkerName,
)
from imports.columns.people import ForCustomer, FullName, LoginMail, Phone

__all__ = [
    "COLUMNS",
    "FIELD",
    "LONGEST_CELL",
    "NOTHING",
    "Column",
    "FieldColumn",
    "Formats",
    "clean_text",
    "guess",
    "same_value",
    "same_words",
]

COLUMNS: dict[str, tuple[type[Column], ...]] = {
    Kind.JOBS: (
        ExternalId, Template, CustomerName, CustomerId, ContactName, ContactMail, ContactPhone, Address, Postcode, City,
        Latitude, Longitude, PlannedStart, RequestedStart, State, EndedAt, Duration, WorkerName, Notes, AssetId, Amount,
    ),
    Kind.CUSTOMERS: (
        OwnName, OwnExternalId, SiteName, SiteMail, SitePhone, Street, OwnPostcode, OwnCity, BillingName, BillingMail,
        BillingPhone, Terms, Labels, OwnNotes,
    ),
    Kind.PORTAL_USERS: (LoginMail, FullName, Phone, ForCustomer, CustomerId),
}  # fmt: skip


def guess(columns: Sequence[Column], header: Sequence[str]) -> dict[str, list[str]]:
    """Which header is which column, as far as the names say: {column key: [header]}. No header is given twice."""
    fits = sorted(
        (
            (-column.recognises(name), order, index, column.key, name)
            for order, column in enumerate(columns)
            for index, name in enumerate(header)
            if column.recognises(name)
        ),
    )
    guessed: dict[str, list[str]] = {}
    given: set[str] = set()
    for _fit, _order, _index, key, name in fits:
        if key not in guessed and name not in given:
            guessed[key] = [name]
            given.add(name)
    return guessed
