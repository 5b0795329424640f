"""Rows of a workbook, as they are seen in a spreadsheet program."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

from django.utils.translation import gettext as _
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.xml.functions import iterparse

from audit.expressions import Expression, Match
from console.errors import Refused
from imports.reading.formats import NumberFormat, number_format
from imports.reading.header import recognised_in
from imports.reading.shape import MAX_CELL, MAX_COLUMNS, Fault, FaultyCells, Reading, Recognise, Row, is_blank
from imports.reading.wrapping import workbook_file

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# The last row of a sheet in every program there is. A file can name any number, and all rows above it are gone through.
MAX_ROWS = 1_048_576
# A row has 16,384 cells at most, each of some elements.
MAX_PIECES = 250_000
# Sheets that are looked at to find the one with the table, and rows of each.
SHEETS_LOOKED_AT, ROWS_LOOKED_AT = 30, 30
# Areas of merged cells that are remembered, and how much of a sheet's end is looked through for them.
MAX_MERGED, MAX_MERGED_BYTES = 100_000, 8 * 1024 * 1024
LONGEST_AREA = len("XFD1048576:XFD1048576") + 1
# No tag that says of merged cells has a longer name, with that of its namespace.
_LONGEST_NAME = 64

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _DATA, _COLUMN = f"{_NAMESPACE}row", f"{_NAMESPACE}sheetData", f"{_NAMESPACE}col"
_VALUE, _FORMULA, _INLINE, _TEXT, _RUN = (f"{_NAMESPACE}{tag}" for tag in ("v", "f", "is", "t", "r"))
_DIGITS = "0123456789"
# How a workbook writes signs that XML cannot hold (ECMA-376, ST_Xstring).
_ESCAPED = Expression(r"_x([0-9A-Fa-f]{4})_", longest=MAX_CELL)
# (first row, first column, last row, last column), from 1.
Area = tuple[int, int, int, int]


@contextmanager
def _book(path: Path, packed: str) -> Iterator[Book]:
    """The workbook, whatever its file is called, opened for reading row by row."""
    with workbook_file(path, packed) as file:
        book = load_workbook(file, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


@dataclass
class Workbook:
    """What a workbook holds: the names of its sheets, those that are seen and those that are hidden; the sheet that is
    read, and its areas of merged cells."""

    seen: list[str]
    hidden: list[str]
    sheet: str
    merged: list[Area]


def look_at_workbook(path: Path, packed: str, chosen: str | None, recognise: Recognise | None) -> Workbook:
    """Looks at a workbook's sheets. ``chosen``: the one that is to be read.

    Raises Refused when there is none, or none of that name.
    """
    with _book(path, packed) as book:
        sheets = {sheet.title: sheet.sheet_state == "visible" for sheet in book.worksheets}
        if not sheets:
            raise Refused(_("The workbook has no sheet with a table."))
        seen = [name for name, is_seen in sheets.items() if is_seen]
        # Where all are hidden, one of those is meant.
        sheet = chosen or _sheet_with_table(book, seen or list(sheets), recognise)
        if sheet not in sheets:
            raise Refused(_("There is no sheet “%s” in this file.") % sheet)
        hidden = [name for name, is_seen in sheets.items() if not is_seen]
        return Workbook(seen, hidden, sheet, _merged_areas(book, sheet))


def _sheet_with_table(book: Book, names: Sequence[str], recognise: Recognise | None) -> str:
    """Of these sheets the one in which most names of columns are known; of several the first with a table."""
    best, most = names[0], (-1, -1)
    for name in names[:SHEETS_LOOKED_AT]:
        with _source(book, name) as source:
            top = islice(_Sheet(book, name, None).rows(source), ROWS_LOOKED_AT)
            rows = [(number, cells) for number, cells, _is_hidden in top]
        filled = [sum(1 for cell in cells if cell.strip()) for _number, cells in rows]
        table = 2 if sum(count > 1 for count in filled) > 1 else int(any(filled))
        found = (recognised_in(rows, recognise), table)
        if found > most:
            best, most = name, found
    return best


def _merged_areas(book: Book, name: str) -> list[Area]:
    """The areas of merged cells of a sheet, which stand behind its rows in the file."""
    areas: list[Area] = []
    for tag in islice(_tags_of_merged(book, name), MAX_MERGED):
        cells = _reference(tag)
        if b":" in cells and len(cells) < LONGEST_AREA:
            try:
                left, top, right, bottom = range_boundaries(cells.decode("ascii"))
            except (ValueError, UnicodeDecodeError):
                continue
            if left and top and right and bottom:
                areas.append((top, left, bottom, right))
    return areas


def _tags_of_merged(book: Book, name: str) -> Iterator[bytes]:
    """What stands between the signs < and > of each area of merged cells.

    Formulas above it, formats, choices and links below it name areas as well: those say nothing of merged cells.
    """
    tail, inside = b"", False
    with _source(book, name) as source:
        while chunk := source.read(1 << 20):
            tail += chunk
            if not inside and b"mergeCells" not in tail:
                tail = tail[-_LONGEST_NAME:]
                continue
            tags = tail.split(b"<")
            # The last may go on in what is read next.
            tail = b"<" + tags.pop() if len(tags) > 1 else tail
            for tag in tags:
                called = _called(tag)
                if called == b"mergeCells":
                    inside = True
                elif called == b"mergeCell" and inside:
                    yield tag
                elif called == b"/mergeCells":
                    return
            if len(tail) > MAX_MERGED_BYTES:
                return


def _called(tag: bytes) -> bytes:
    """The name of a tag, without that of its namespace."""
    words = tag[:_LONGEST_NAME].split(b">", 1)[0].split(None, 1)
    name = words[0].rstrip(b"/") if words else b""
    ends = b"/" if name.startswith(b"/") else b""
    return ends + name.removeprefix(b"/").rsplit(b":", 1)[-1]


def _reference(tag: bytes) -> bytes:
    """The area that a tag names."""
    behind = tag.partition(b"ref=")[2]
    return behind[1:].split(behind[:1], 1)[0] if behind else b""


def sheet_rows(
    path: Path, reading: Reading, hidden: list[int] | None = None, hidden_columns: list[int] | None = None
) -> Generator[Row, None, None]:
    """Every row of the sheet; one that is hidden is blank, unless hidden rows are to be read.

    ``hidden``, ``hidden_columns``: lists that take up the numbers of those. Raises Refused past the last row a sheet
    can have.
    """
    down: dict[int, list[tuple[int, int]]] = {}
    nothing: list[str] = []
    with _book(path, reading.packed) as book, _source(book, reading.sheet) as source:
        for top, left, bottom, _right in _merged_areas(book, reading.sheet) if reading.merged else ():
            if bottom > top and left <= MAX_COLUMNS:
                down.setdefault(top, []).append((left - 1, bottom))
        sheet = _Sheet(book, reading.sheet, hidden_columns)
        expected = 1
        spread: dict[int, tuple[int, str, Fault | None]] = {}
        for number, cells, is_hidden in sheet.rows(source):
            # Rows that are missing between two others may be a million, and are one and the same to the reader.
            while expected < number:
                if expected > MAX_ROWS:
                    raise _too_far()
                yield expected, nothing
                expected += 1
            if number < expected:
                continue
            if number > MAX_ROWS:
                raise _too_far()
            expected = number + 1
            if down:
                cells = _with_merged(number, cells, down, spread)
            if is_hidden:
                if hidden is not None and not is_blank(cells):
                    hidden.append(number)
                if not reading.read_hidden:
                    cells = nothing
            yield number, cells


def _too_far() -> Refused:
    return Refused(
        _("A sheet has at most %d rows, but this one names a row below them. Save the table as CSV.") % MAX_ROWS
    )


def _with_merged(
    number: int,
    cells: list[str],
    down: Mapping[int, Sequence[tuple[int, int]]],
    spread: dict[int, tuple[int, str, Fault | None]],
) -> list[str]:
    """A row with what merged cells that begin above say in it: they stand beside each of their rows."""
    for place in [place for place, (bottom, _text, _fault) in spread.items() if bottom < number]:
        del spread[place]
    if spread and not is_blank(cells):
        for place, (_bottom, text, fault) in spread.items():
            if text:
                cells = _put(cells, place, text, fault)
    for place, bottom in down.get(number, ()):
        text = cells[place] if place < len(cells) else ""
        faults = cells.faults if isinstance(cells, FaultyCells) else {}
        spread[place] = (bottom, text, faults.get(place))
    return cells


def _put(cells: list[str], place: int, text: str, fault: Fault | None) -> list[str]:
    cells += [""] * (place + 1 - len(cells))
    cells[place] = text
    if fault is not None:
        if not isinstance(cells, FaultyCells):
            cells = FaultyCells(cells)
        cells.faults[place] = fault
    return cells


def _source(book: Book, name: str) -> IO[bytes]:
    """The part of the file that holds the sheet."""
    return cast(_SheetInside, book[name])._get_source()


class _SheetInside(Protocol):
    """What openpyxl keeps to itself of a sheet that is read row by row."""

    _shared_strings: Sequence[str]

    def _get_source(self) -> IO[bytes]: ...


class _Style(Protocol):
    numFmtId: int


class _BookInside(Protocol):
    """And of a workbook: the formats of its cells."""

    _cell_styles: Sequence[_Style]
    _number_formats: Sequence[str]


class _Sheet:
    """Turns the rows of one sheet into texts, one at a time.

    openpyxl's own reader says neither which rows are hidden nor which formulas have no result, and gives a number
    without the zeros that its cell's format shows.
    """

    def __init__(self, book: Book, name: str, hidden_columns: list[int] | None) -> None:
        self.book, self.texts = book, cast(_SheetInside, book[name])._shared_strings
        self.hidden_columns = hidden_columns
        self.formats: dict[str, NumberFormat] = {}
        self.columns: dict[str, int] = {}

    def rows(self, source: IO[bytes]) -> Iterator[tuple[int, list[str], bool]]:
        """Each row that the sheet has: its number, its cells, whether it is hidden."""
        number = pieces = 0
        for _event, element in iterparse(source):
            tag = element.tag
            pieces += 1
            if tag == _ROW:
                pieces = 0
                number = _whole(element.get("r"), number + 1)
                yield number, self._cells(element), element.get("hidden") in ("1", "true")
                element.clear()
            elif tag == _COLUMN:
                if self.hidden_columns is not None and element.get("hidden") in ("1", "true"):
                    first = _whole(element.get("min"), 1)
                    last = min(_whole(element.get("max"), first), MAX_COLUMNS)
                    self.hidden_columns += range(first - 1, last)
                    # Each column once, in a file that means no harm.
                    del self.hidden_columns[MAX_COLUMNS:]
                element.clear()
            elif tag == _DATA:
                return
            elif pieces > MAX_PIECES:
                # What is read of a row is in memory until it ends.
                raise ValueError("a row without end")

    def _cells(self, row: Element) -> list[str]:
        cells: list[str] = []
        faults: dict[int, Fault] = {}
        for cell in row:
            name = cell.get("r")
            place = len(cells) if name is None else self._place(name)
            if place > MAX_COLUMNS:
                continue
            text = self._text(cell)
            if text is None:
                text = "=" + (cell.findtext(_FORMULA) or "…")[:200]
                faults[place] = unstored_formula()
            if place >= len(cells):
                if not text:
                    continue
                cells += [""] * (place - len(cells))
                cells.append(text)
            else:
                cells[place] = text
        return FaultyCells(cells, faults) if faults else cells

    def _place(self, name: str) -> int:
        letters = name.rstrip(_DIGITS)
        place = self.columns.get(letters)
        if place is None:
            if len(self.columns) > 20_000:
                self.columns.clear()
            place = self.columns[letters] = column_index_from_string(letters) - 1
        return place

    def _text(self, cell: Element) -> str | None:
        """What the cell shows; None for a formula whose result nobody stored."""
        kind = cell.get("t", "n")
        if kind == "s":
            value = cell.findtext(_VALUE)
            return _unescaped(self.texts[int(value)][:MAX_CELL]) if value else ""
        if kind == "inlineStr":
            child = cell.find(_INLINE)
            # Not the readings of signs, which hold texts too.
            pieces = [*child.findall(_TEXT), *child.findall(f"{_RUN}/{_TEXT}")] if child is not None else []
            return _unescaped("".join(piece.text or "" for piece in pieces)[:MAX_CELL])
        stored = cell.find(_VALUE)
        value = stored.text if stored is not None else None
        if not value:
            is_empty_text = kind == "str" and stored is not None
            return "" if is_empty_text or cell.find(_FORMULA) is None else None
        if kind == "n":
            return self._number(value, cell.get("s", "0"))
        if kind == "b":
            return "yes" if value.strip() in ("1", "true") else "no"
        if kind == "d":
            return moment_in_words(_from_iso(value))
        return _unescaped(value[:MAX_CELL])

    def _number(self, value: str, style: str) -> str:
        format = self.formats.get(style)
        if format is None:
            if len(self.formats) > 20_000:
                self.formats.clear()
            format = self.formats[style] = self._format(_whole(style, 0))
        if format.is_plain:
            return value if value.isdigit() and len(value) < 16 else _number_in_words(float(value))
        number = float(value)
        if format.is_date:
            if number == 1 and format.is_time:
                # The end of a day, as people type it.
                return "24:00"
            try:
                moment = from_excel(number, self.book.epoch, timedelta=format.is_duration)
            except (OverflowError, ValueError):
                return "#VALUE!"
            if format.is_time and isinstance(moment, datetime):
                moment = moment.time()
            return moment_in_words(moment)
        return format.shown(number) or _number_in_words(number)

    def _format(self, style: int) -> NumberFormat:
        inside = cast(_BookInside, self.book)
        styles, ours = inside._cell_styles, inside._number_formats
        key = styles[style].numFmtId if style < len(styles) else 0
        if key < BUILTIN_FORMATS_MAX_SIZE:
            return number_format(str(BUILTIN_FORMATS.get(key, "General")))
        place = key - BUILTIN_FORMATS_MAX_SIZE
        return number_format(str(ours[place]) if place < len(ours) else "General")


def unstored_formula() -> Fault:
    """What is wrong with a formula whose result does not stand in the file."""
    return Fault(
        "unstored",
        _("is a formula whose result is not in the file: open it in your spreadsheet program and save it again"),
    )


def _whole(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    number = float(text)
    if not number.is_integer() or number < 0:
        raise ValueError(text)
    return int(number)


def _unescaped(text: str) -> str:
    """Texts hold signs that XML cannot as _x000D_; a line end is one sign here."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_meant, text).replace("\r\n", "\n").replace("\r", "\n")


def _meant(found: Match) -> str:
    sign = chr(int(found[1], 16))
    return found[0] if "\ud800" <= sign <= "\udfff" else sign


def _number_in_words(number: float) -> str:
    if math.isfinite(number) and number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return str(number)


def _from_iso(value: str) -> date | time | str:
    """A date, a time or both as a workbook may write them; the text itself where it is none of them."""
    for kind in (datetime, time):
        try:
            return kind.fromisoformat(value)
        except ValueError:
            continue
    return value


def moment_in_words(value: object) -> str:
    """A date, a time, both, or a duration as a person would have typed it."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")
    return "" if value is None else str(value)
