"""Bytes to rows: any CSV there is, XLSX, and either of them packed. No database, no knowledge of our columns.

``examine`` looks at a file once and says how to read it, ``read_rows`` yields its rows. A file is never in memory as a
whole: what grows with it is read as a stream. Every fault is a ``Refused`` with a sentence for the person.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import Unpack

from django.utils.translation import gettext as _

from console.errors import Refused
from imports.reading.encoding import ENCODINGS, decoded, encoding_of, sample_of
from imports.reading.faults import in_our_words
from imports.reading.header import (
    TOTALS,
    End,
    HeaderNames,
    end_of_table,
    find_names,
    header_of,
    repeats_names,
    says_total,
    width_of,
)
from imports.reading.shape import (
    MAX_COLUMNS,
    MOST_HEADER_LINES,
    SAMPLE_ROWS,
    Corrections,
    Fault,
    FaultyCells,
    Reading,
    Recognise,
    Row,
    corrections_from,
    is_blank,
)
from imports.reading.sheets import Area, look_at_workbook, sheet_rows
from imports.reading.text import DELIMITERS, QUOTES, delimiter_of, quoting_of, text_rows, usual_width
from imports.reading.web import is_web_page, web_rows
from imports.reading.wrapping import look_at_wrapping

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "QUOTES",
    "Corrections",
    "Fault",
    "FaultyCells",
    "Reading",
    "Recognise",
    "Row",
    "corrections_from",
    "examine",
    "first_rows",
    "read_rows",
    "top_rows",
]

# Signs with which a word for a sum begins.
TOTALS_BEGIN = frozenset(sign for word in TOTALS for sign in (word[0], word[0].upper()))
# Rows between two moments for something else.
PAUSE = 100
# Rows that are looked at, when a file comes in, for where its table ends and what of it is hidden.
MOST_LOOKED_AT = 20_000


def examine(path: Path, recognise: Recognise | None = None, **given: Unpack[Corrections]) -> Reading:
    """How to read the file at ``path``. ``recognise``: says of a name whether a column that we know is called so.
    ``given``: what the person corrected.

    Raises Refused when it is no table, or none we can read.
    """
    if path.stat().st_size == 0:
        raise Refused(_("The file is empty."))
    reading = Reading(read_hidden=bool(given.get("read_hidden")), given=corrections_from(given))
    hidden: list[int] = []
    columns: list[int] = []
    merged: Sequence[Area] = ()
    with in_our_words():
        reading.packed, reading.format = look_at_wrapping(path)
        if reading.format == "xlsx":
            book = look_at_workbook(path, reading.packed, given.get("sheet"), recognise)
            reading.sheet, reading.sheets, reading.hidden_sheets = book.sheet, [*book.seen, *book.hidden], book.hidden
            merged, reading.merged = book.merged, bool(book.merged)
            rows = sheet_rows(path, reading, hidden, columns)
        else:
            _examine_text(path, reading, given)
            rows = raw_rows(path, reading)
        with closing(rows):
            first = _up_to(rows, SAMPLE_ROWS)
            if all(is_blank(cells) for _number, cells in first):
                raise Refused(_("The file is empty: it holds no cell with anything in it."))
            names = _names(first, recognise, given.get("header_row"), given.get("header_lines"))
            reading.header_row, reading.header_lines = names.row, names.lines
            is_text = reading.format == "csv"
            reading.header = header_of(first, names, merged, trimmed=not is_text)
            reading.width = width_of(first, names, reading.header) if is_text else 0
            if len(reading.header) > MAX_COLUMNS:
                raise Refused(
                    _("The file has %(columns)d columns; at most %(most)d can be read. Is its delimiter right?")
                    % {"columns": len(reading.header), "most": MAX_COLUMNS}
                )
            end = _end(chain(first, rows), first, reading, recognise)
    last_row = given.get("last_row")
    reading.below = end.below
    reading.last_row = end.row if last_row is None else int(last_row)
    reading.hidden_rows = sum(1 for number in hidden if number > reading.header_row)
    reading.hidden_columns = [reading.header[place] for place in dict.fromkeys(columns) if place < len(reading.header)]
    return reading


def _examine_text(path: Path, reading: Reading, given: Corrections) -> None:
    sample = sample_of(path, reading)
    reading.encoding = given.get("encoding") or encoding_of(path, reading, sample)
    text = decoded(sample, reading.encoding)
    if is_web_page(text):
        reading.format = "html"
        return
    reading.delimiter = given.get("delimiter") or delimiter_of(text)
    reading.quote, reading.escape = quoting_of(text, reading.delimiter)
    if (quote := given.get("quote")) is not None:
        reading.quote = quote
    reading.width = usual_width(text, reading)


def _names(rows: Sequence[Row], recognise: Recognise | None, row: int | None, lines: int | None) -> HeaderNames:
    """Where the names of the columns stand, as far as nobody has said it."""
    if row is None:
        found = find_names(rows, recognise)
        row = found.row
        lines = found.lines if lines is None else lines
    return HeaderNames(int(row), max(1, min(int(lines or 1), int(row) or 1, MOST_HEADER_LINES)))


def _end(rows: Iterable[Row], first: Sequence[Row], reading: Reading, recognise: Recognise | None) -> End:
    """Where the table ends. Goes through the rows, of which a long file is left at its first."""
    last = 0

    def below() -> Iterator[Row]:
        nonlocal last
        for row in islice(rows, MOST_LOOKED_AT):
            last = row[0]
            if last > reading.header_row:
                yield row

    sample = [row for row in first if row[0] > reading.header_row]
    try:
        looked_at = below()
        end = end_of_table(looked_at, sample, reading.header, recognise)
        deque(looked_at, maxlen=0)
    except (Refused, csv.Error, UnicodeError):
        # What is wrong far below is told when the file is checked.
        return End()
    return End() if last >= MOST_LOOKED_AT and end.below == "notes" else end


def read_rows(path: Path, reading: Reading, meanwhile: Callable[[], None] | None = None) -> Iterator[Row]:
    """The rows under the header that hold anything, each as wide as the header.

    Short rows are filled up; a row that is wider than the header keeps its surplus cells; of a text file, both say that
    they are. Rows that repeat the names of the columns are passed over. ``meanwhile``: called every now and then,
    where rows are passed over too. Raises Refused where the file cannot be read on.
    """
    width, last = len(reading.header), reading.last_row
    blank = [""] * width
    header = reading.header
    strict = reading.width
    with in_our_words():
        for number, cells in raw_rows(path, reading):
            if meanwhile is not None and not number % PAUSE:
                meanwhile()
            if number <= reading.header_row:
                continue
            if last and number > last:
                return
            count = len(cells)
            if count != width:
                if is_blank(cells):
                    continue
                if strict and not width <= count <= strict and not isinstance(cells, FaultyCells):
                    cells = _of_another_width(cells, width)
                if count < width:
                    cells += blank[count:]
            elif not any(map(str.strip, cells)):
                continue
            first = cells[0]
            if first == header[0] and repeats_names(cells, header):
                continue
            # Most rows begin with a number, or with a word that begins no sum.
            if (not first or not first[0].isalnum() or first[0] in TOTALS_BEGIN) and not _is_row(cells):
                if is_blank(cells):
                    continue
                cells = _as_total(cells)
            yield number, cells


def _of_another_width(cells: list[str], width: int) -> FaultyCells:
    count = len(cells)
    said = {"cells": count, "columns": width}
    if count < width:
        reason = _(
            "is the last of too few cells, %(cells)d instead of %(columns)d: is a line broken, or a delimiter missing?"
        )
        return FaultyCells(cells, whole=Fault("too_narrow", reason % said, value=cells[-1][:200]), sound=count)
    surplus = next((cell for cell in cells[width:] if cell.strip()), "")
    reason = _(
        "stands in a row of too many cells, %(cells)d instead of %(columns)d: is there a delimiter too many, or a"
        " quotation mark missing?"
    )
    return FaultyCells(cells, whole=Fault("too_wide", reason % said, value=(surplus or cells[0])[:200]))


def _is_row(cells: Sequence[str]) -> bool:
    """Is there something in the row, and is it no sum of those above it?"""
    filled = [cell for cell in cells if not is_blank((cell,))]
    return bool(filled) and not (2 * len(filled) <= len(cells) + 1 and says_total(filled[0]))


def _as_total(cells: list[str]) -> FaultyCells:
    reason = _("begins a row that sums up others, as it seems: it is not imported")
    return FaultyCells(cells, whole=Fault("total", reason, value=next(filter(str.strip, cells))[:200]))


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


def raw_rows(path: Path, reading: Reading) -> Generator[Row, None, None]:
    if reading.format == "xlsx":
        return sheet_rows(path, reading)
    return web_rows(path, reading) if reading.format == "html" else text_rows(path, reading)


def _rows_up_to(path: Path, reading: Reading, count: int) -> list[Row]:
    with closing(raw_rows(path, reading)) as rows:
        return _up_to(rows, count)


def _up_to(rows: Iterator[Row], count: int) -> list[Row]:
    found = []
    for row in rows:
        found.append(row)
        if row[0] >= count:
            break
    return found
