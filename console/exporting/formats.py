"""Writing rows one after the other, in the formats of django-import-export that spreadsheets open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from math import isfinite
from typing import BinaryIO, Protocol, cast

from django.utils.translation import gettext as _
from import_export.formats.base_formats import CSV, TSV, XLSX, Format
from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from audit.conventions import CONVENTIONS, Cell, Convention, usual_convention
from audit.expressions import Expression
from audit.spreadsheet import csv_lines, defused
from console.errors import Refused

# By the name an export keeps; the order of the form.
FORMATS: dict[str, type[Format]] = {"csv": CSV, "xlsx": XLSX, "tsv": TSV}
# A sheet ends here.
MOST_XLSX_ROWS = 1_048_575
# Lines handed on at once.
LINES = 200
# A sheet's numbers have fifteen digits; its days begin in 1900.
MOST_DIGITS = 15
FIRST_YEAR = 1901
# The day before its first: a time without a day is one of that.
_NO_DAY = date(1899, 12, 30)
# A text of these is a number, a date or a time to a spreadsheet program.
_IN_DIGITS = frozenset("0123456789+-.,/:()eE ")
_FIRST_DIGITS = frozenset("0123456789+-.,(")
LONGEST_CELL = 32_767
# What a reader of a workbook takes for a sign that XML cannot hold (ECMA-376, ST_Xstring).
_LOOKS_ESCAPED = Expression(r"_(?=x[0-9A-Fa-f]{4}_)", longest=LONGEST_CELL)

Rows = Iterable[Sequence[Cell]]


def as_text(rows: Rows, format_name: str, convention: Convention | None = None) -> Iterator[bytes]:
    """Yield rows as CSV or TSV, a few hundred lines at a time; by the reader's usual convention, unless given one."""
    convention = convention or usual_convention()
    written = ([one if isinstance(one, str) else convention.written(one) for one in row] for row in rows)
    lines = csv_lines(written, "\t" if format_name == "tsv" else convention.delimiter)
    while piece := "".join(islice(lines, LINES)):
        yield piece.encode()


def write_rows(
    rows: Rows,
    file: BinaryIO,
    format_name: str,
    progress: Callable[[int], None] = lambda done: None,
    convention: Convention | None = None,
) -> int:
    """Writes rows into a file, the first of them the headings; how many are below it. ``progress`` is told on the way.

    Raises Refused when a sheet cannot hold them.
    """
    count = 0

    def counted() -> Iterator[Sequence[Cell]]:
        nonlocal count
        for place, row in enumerate(rows):
            yield row
            count = place
            if place and place % 1000 == 0:
                progress(place)

    if format_name == "xlsx":
        _write_sheet(counted(), file, convention or usual_convention())
    else:
        for piece in as_text(counted(), format_name, convention):
            file.write(piece)
    return count


def _write_sheet(rows: Rows, file: BinaryIO, convention: Convention) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Export"))
    sheet.freeze_panes = "A2"
    cells = _Cells(sheet, convention)
    for number, row in enumerate(rows):
        if number > MOST_XLSX_ROWS:
            raise Refused(_("A sheet holds at most %d rows. Choose CSV, or narrow the list.") % MOST_XLSX_ROWS)
        if number:
            sheet.append([cells.of(value) for value in row])
            continue
        heads = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=_as_text(str(text)))
            cell.font = Font(bold=True)
            heads.append(cell)
        sheet.append(heads)
    book.save(file)


class _Styled(Protocol):
    """What openpyxl keeps to itself of a cell: how it looks, as places in the tables of the workbook."""

    _style: object


class _FormattedCell(SheetCell):
    """A cell that openpyxl names cheaply: it does so for each, in an error that it catches itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "cell"


class _Cells:
    """The cells of one sheet, each formatted as what it holds.

    Digits that are a text are one by their format as well: whoever types 0815 over an identifier keeps its zero.
    """

    def __init__(self, sheet: WriteOnlyWorksheet, convention: Convention) -> None:
        self.sheet, self.date = sheet, convention.sheet_date
        # By format. To look one up anew for each cell would take as long as to write it.
        self.styles: dict[str, object] = {}

    def of(self, value: Cell) -> SheetCell | str | int | float | None:
        """The cell for a value, or the value itself where its cell needs no format; None for an empty one."""
        if value is None or value == "":
            return None
        if not isinstance(value, str) and (isinstance(value, bool) or not _fits(value)):
            value = CONVENTIONS["plain"].written(value)
        if isinstance(value, str):
            text = _as_text(value)
            if text[:1] != "#" and not (_IN_DIGITS.issuperset(text) and text[:1] in _FIRST_DIGITS):
                return text
            cell = self._formatted(text, "@")
            # Also one that looks like an error of the sheet.
            cell.data_type = "s"
            return cell
        if isinstance(value, Decimal):
            number = float(value)
            return self._formatted(number, "0.00") if value.as_tuple().exponent == -2 else number
        return value if isinstance(value, int | float) else self._moment(value)

    def _moment(self, value: date | time) -> SheetCell:
        if isinstance(value, datetime):
            return self._formatted(value.replace(tzinfo=None), f"{self.date} hh:mm")
        if isinstance(value, date):
            return self._formatted(datetime.combine(value, time()), self.date)
        return self._formatted(datetime.combine(_NO_DAY, value), "hh:mm")

    def _formatted(self, value: str | float | datetime, format: str) -> SheetCell:
        cell = _FormattedCell(self.sheet, 1, 1, value)
        if format not in self.styles:
            cell.number_format = format
            self.styles[format] = cast(_Styled, cell)._style
        cast(_Styled, cell)._style = self.styles[format]
        return cell


def _fits(value: Cell) -> bool:
    """Can a sheet hold it as what it is?"""
    if isinstance(value, date):
        return value.year >= FIRST_YEAR
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite() and len(value.as_tuple().digits) <= MOST_DIGITS
    return not isinstance(value, int) or abs(value) < 10**MOST_DIGITS


def _as_text(text: str) -> str:
    """What a sheet can hold: no formula, no control characters, and not more than its cells take."""
    text = defused(text)
    clean = text if text.isprintable() else "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return _LOOKS_ESCAPED.sub("_x005F_", clean[:LONGEST_CELL]) if "_x" in clean else clean[:LONGEST_CELL]
