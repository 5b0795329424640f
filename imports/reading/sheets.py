"""Rows of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook

from console.errors import Refused
from imports.reading.cell_values import hours_and_minutes, unescaped
from imports.reading.shape import MAX_CELL, MAX_COLUMNS, Reading, Row
from imports.reading.wrapping import workbook_file

# The last row of a sheet in every program there is. A file can name any number, and all rows above it are gone through.
MAX_ROWS = 1_048_576


def sheets_of(path: Path, packed: str) -> list[str]:
    """The names of the sheets, in their order."""
    with _book(path, packed) as book:
        return [sheet.title for sheet in book.worksheets]


@contextmanager
def _book(path: Path, packed: str) -> Iterator[Workbook]:
    """The workbook, whatever its file is called, opened for reading row by row."""
    with workbook_file(path, packed) as file:
        book = load_workbook(file, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


def fullest_sheet(path: Path, packed: str, names: Sequence[str]) -> str:
    """The first sheet with anything in it."""
    if not names:
        raise Refused(_("The workbook has no sheet with a table."))
    for name in names:
        rows = sheet_rows(path, Reading(format="xlsx", sheet=name, packed=packed))
        if any(any(cells) for _number, cells in islice(rows, 20)):
            return name
    return names[0]


def sheet_rows(path: Path, reading: Reading) -> Iterator[Row]:
    """Every row of the sheet. Raises Refused past the last row a sheet can have."""
    blank: object = None
    with _book(path, reading.packed) as book:
        sheet = book[reading.sheet]
        # Sheets say how large they are, and often say it wrong.
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1), start=1):
            if number > MAX_ROWS:
                raise Refused(
                    _("A sheet has at most %d rows, but this one names a row below them. Save the table as CSV.")
                    % MAX_ROWS
                )
            # Rows that are missing between two others may be a million, and are one and the same to the reader.
            if values is blank:
                yield number, []
                continue
            cells = [_cell_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                blank = values
            yield number, cells


def _cell_text(value: object) -> str:
    """A cell of a workbook as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return unescaped(value[:MAX_CELL])
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | timedelta) and (text := hours_and_minutes(value)):
        return text
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
