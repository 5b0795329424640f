"""The columns a file may have: the only list.

A column says what it is called, by which header it is recognised, what its text means, and where its value goes in a
record. The mapping page, the check, the blank file, the command and docs/imports.md all read it from here. To add one,
add an entry to the tuple of its kind (CONTRIBUTING.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from imports.choices import RecordKind
from imports.columns.base import (
    LONGEST_CELL,
    NOTHING,
    AnyColumn,
    Column,
    Formats,
    MappingEntry,
    Target,
    Value,
    clean_text,
    same_value,
    same_words,
)
from imports.columns.customers import CUSTOMER_COLUMNS
from imports.columns.jobs import JOB_COLUMNS
from imports.columns.portal_users import PORTAL_USER_COLUMNS

__all__ = [
    "COLUMNS",
    "LONGEST_CELL",
    "NOTHING",
    "AnyColumn",
    "Column",
    "Formats",
    "MappingEntry",
    "Target",
    "Value",
    "clean_text",
    "guess",
    "same_value",
    "same_words",
]

COLUMNS: dict[RecordKind, Sequence[AnyColumn]] = {
    RecordKind.JOBS: JOB_COLUMNS,
    RecordKind.CUSTOMERS: CUSTOMER_COLUMNS,
    RecordKind.PORTAL_USERS: PORTAL_USER_COLUMNS,
}


def guess(columns: Sequence[AnyColumn], header: Sequence[str]) -> dict[str, list[str]]:
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
