"""Bytes to rows: any CSV there is, XLSX, and either of them packed. No database, no knowledge of our columns.

``examine`` looks at a file once and says how to read it, ``read`` yields its rows. A file is never in memory as a
whole: what grows with it is read as a stream. Every fault is a ``Refused`` with a sentence for the person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Unpack

from django.utils.translation import gettext as _

from console.errors import Refused
from imports.reading.encoding import ENCODINGS, decoded, encoding_of, sample_of
from imports.reading.faults import in_our_words
from imports.reading.header import header_of, header_row_of
from imports.reading.shape import MAX_COLUMNS, SAMPLE_ROWS, Corrections, Reading, Row
from imports.reading.sheets import fullest_sheet, sheet_rows, sheets_of
from imports.reading.text import DELIMITERS, QUOTES, delimiter_of, quoting_of, text_rows
from imports.reading.wrapping import look_at_wrapping

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "QUOTES",
    "Corrections",
    "Reading",
    "Row",
    "examine",
    "first_rows",
    "read_rows",
    "top_rows",
]

# Rows between two moments for something else.
PAUSE = 100


def examine(path: Path, **given: Unpack[Corrections]) -> Reading:
    """How to read the file at ``path``. ``given``: what the person corrected (encoding, delimiter, quote,
    sheet, header_row).

    Raises Refused when it is no table, or none we can read.
    """
    if path.stat().st_size == 0:
        raise Refused(_("The file is empty."))
    reading = Reading()
    with in_our_words():
        reading.packed, reading.format = look_at_wrapping(path)
        if reading.format == "xlsx":
            reading.sheets = sheets_of(path, reading.packed)
            reading.sheet = given.get("sheet") or fullest_sheet(path, reading.packed, reading.sheets)
            if reading.sheet not in reading.sheets:
                raise Refused(_("There is no sheet “%s” in this file.") % reading.sheet)
        else:
            sample = sample_of(path, reading)
            reading.encoding = given.get("encoding") or encoding_of(path, reading, sample)
            text = decoded(sample, reading.encoding)
            reading.delimiter = given.get("delimiter") or delimiter_of(text)
            reading.quote, reading.escape = quoting_of(text, reading.delimiter)
            if (quote := given.get("quote")) is not None:
                reading.quote = quote
        first = _rows_up_to(path, reading, SAMPLE_ROWS)
        if not any(any(map(str.strip, cells)) for _number, cells in first):
            raise Refused(_("The file is empty: it holds no cell with anything in it."))
        header_row = given.get("header_row")
        reading.header_row = header_row_of(first) if header_row is None else int(header_row)
        reading.header = header_of(first, reading.header_row)
    if len(reading.header) > MAX_COLUMNS:
        raise Refused(
            _("The file has %(columns)d columns; at most %(most)d can be read. Is its delimiter right?")
            % {"columns": len(reading.header), "most": MAX_COLUMNS}
        )
    return reading


def read_rows(path: Path, reading: Reading, meanwhile: Callable[[], None] | None = None) -> Iterator[Row]:
    """The rows under the header that hold anything, each as wide as the header.

    Short rows are filled up; a row that is wider than the header keeps its surplus cells. ``meanwhile``: called every
    now and then, where rows are passed over too. Raises Refused where the file cannot be read on.
    """
    width = len(reading.header)
    blank = [""] * width
    with in_our_words():
        for number, cells in raw_rows(path, reading):
            if meanwhile is not None and not number % PAUSE:
                meanwhile()
            if number <= reading.header_row:
                continue
            if len(cells) < width:
                if not any(cells):
                    continue
                cells = cells + blank[len(cells) :]
            elif not any(map(str.strip, cells)):
                continue
            yield number, cells


def first_rows(path: Path, reading: Reading, count: int = 5) -> list[Row]:
    """The first rows under the header, to be shown."""
    rows = []
    for row in read_rows(path, reading):
        rows.append(row)
        if len(rows) == count:
            break
    return rows


def top_rows(path: Path, reading: Reading, count: int) -> list[Row]:
    """The first rows of the file as they stand, titles and names included, to be shown."""
    with in_our_words():
        return _rows_up_to(path, reading, count)


def raw_rows(path: Path, reading: Reading) -> Iterator[Row]:
    return sheet_rows(path, reading) if reading.format == "xlsx" else text_rows(path, reading)


def _rows_up_to(path: Path, reading: Reading, count: int) -> list[Row]:
    rows = []
    for row in raw_rows(path, reading):
        rows.append(row)
        if row[0] >= count:
            break
    return rows
