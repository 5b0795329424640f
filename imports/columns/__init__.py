"""The columns a file may have: the only list.

A column says what it is called, by which header it is recognised, what its text means, and where its value goes in a
record. The mapping page, the check, the blank file, the command and docs/imports.md all read it from here. To add one,
add an entry to the tuple of its kind (CONTRIBUTING.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    says_the_same,
)
from imports.columns.customers import CUSTOMER_COLUMNS
from imports.columns.jobs import JOB_COLUMNS
from imports.columns.own import OWN_COLUMNS, OwnColumn, is_own
from imports.columns.portal_users import PORTAL_USER_COLUMNS
from imports.reading import Recognise
from imports.reading.header import LINE_BREAK

__all__ = [
    "COLUMNS",
    "LONGEST_CELL",
    "NOTHING",
    "OWN_COLUMNS",
    "AnyColumn",
    "Column",
    "Formats",
    "MappingEntry",
    "Target",
    "Value",
    "clean_text",
    "guess",
    "is_own",
    "recogniser",
    "same_value",
    "same_words",
    "says_the_same",
]

COLUMNS: dict[RecordKind, Sequence[AnyColumn]] = {
    RecordKind.JOBS: JOB_COLUMNS,
    RecordKind.CUSTOMERS: CUSTOMER_COLUMNS,
    RecordKind.PORTAL_USERS: PORTAL_USER_COLUMNS,
}


def recogniser(columns: Sequence[AnyColumn]) -> Recognise:
    """Says of a name whether one of these columns is called so."""
    names = {same_words(name) for column in columns for name in column.names()}
    names |= {same_words(name) for column in columns for pair in column.pairs for part in pair for name in part}
    return lambda name: same_words(name) in names


# The first cells of the file's column of that name.
FirstCells = Callable[[str], Sequence[str]]


def guess(
    columns: Sequence[AnyColumn], header: Sequence[str], first_cells: FirstCells = lambda name: ()
) -> dict[str, list[str]]:
    """Which header is which column, as far as the names say: {column key: [header, ...]}. No header is given twice.

    ``first_cells``: asked only for a column that may be our own number: other systems have numbers too.
    """
    guessed = _own_columns(columns, header, first_cells)
    given = {name for names in guessed.values() for name in names}
    columns = [column for column in columns if not is_own(column)]
    # What stands in two columns of the file, as date and time, is known by both of their names.
    for column in columns:
        for first, second in column.pairs:
            one, other = (_called(part, header, given) for part in (first, second))
            if one and other and one != other and column.key not in guessed:
                guessed[column.key] = [one, other]
                given |= {one, other}
    fits = sorted(
        (-fit, order, index, column.key, name)
        for order, column in enumerate(columns)
        for index, name in enumerate(header)
        if (fit := _fit(column, name))
    )
    for _fits, _order, _index, key, name in fits:
        if key not in guessed and name not in given:
            guessed[key] = [name]
            given.add(name)
    return guessed


def _own_columns(columns: Sequence[AnyColumn], header: Sequence[str], first_cells: FirstCells) -> dict[str, list[str]]:
    """In a file of ours: the column of our number, and those whose headings mean something in such a file only."""
    own = next((column for column in columns if isinstance(column, OwnColumn)), None)
    if own is None:
        return {}
    names = sorted((name for name in header if own.recognises(name)), key=own.recognises, reverse=True)
    ours = next((name for name in names if own.are_ours(first_cells(name))), None)
    if ours is None:
        return {}
    guessed = {own.key: [ours]}
    for column in columns:
        called = next((name for name in header if name != ours and column.is_called(name)), None)
        if called is not None:
            guessed[column.key] = [called]
    return guessed


def _called(names: Sequence[str], header: Sequence[str], given: set[str]) -> str:
    """The first header that has one of these names, the names in their order."""
    words = {same_words(one): one for one in reversed(header) if one not in given}
    return next((words[name] for name in map(same_words, names) if name in words), "")


def _fit(column: AnyColumn, name: str) -> int:
    """How well a name fits; of one that stands in several lines, the whole before one of them."""
    fit = column.recognises(name)
    if not fit and LINE_BREAK in name:
        fit = max(0, *(column.recognises(line) for line in name.split(LINE_BREAK))) // 2
    return fit
