"""A number that a spreadsheet has shortened is no identifier: two orders would count as one."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from imports.choices import RecordKind
from imports.columns import COLUMNS, Formats

# Every column whose cells are digits that are no number.
CODES = {
    RecordKind.JOBS: {"external_id", "customer_id", "contact_phone", "asset_id", "postcode"},
    RecordKind.CUSTOMERS: {"external_id", "site_phone", "billing_phone", "postcode"},
    RecordKind.PORTAL_USERS: {"customer_id", "phone"},
}
COLUMN = [
    pytest.param(column, id=f"{kind}-{column.key}")
    for kind, columns in COLUMNS.items()
    for column in columns
    if column.key in CODES[kind]
]


def test_no_column_of_identifiers_is_forgotten():
    words = ("id", "phone", "postcode", "number", "code")
    found = {
        kind: {column.key for column in columns if any(word in column.key.split("_") for word in words)}
        for kind, columns in COLUMNS.items()
    }
    assert found == CODES


@pytest.mark.parametrize("column", COLUMN)
@pytest.mark.parametrize("text", ["4,91715E+11", "4.91715E+11", "4.9E+11", "4.9e+11", "5E+11", " 1,2E-05 ", "-4.9E+11"])
def test_a_shortened_number_is_a_problem(column, text):
    with pytest.raises(ValidationError, match="a spreadsheet has shortened"):
        column.clean(text, Formats())


@pytest.mark.parametrize("text", ["1E11", "E+11", "4711E", "A-4.9E+11", "491715550133", "00123", "12E4567"])
def test_what_may_be_an_identifier_is_one(text):
    [column] = [column for column in COLUMNS[RecordKind.JOBS] if column.key == "external_id"]
    assert column.clean(text, Formats()) == text
