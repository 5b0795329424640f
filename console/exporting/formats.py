"""Writing rows one after the other, in the formats of django-import-export that spreadsheets open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import BinaryIO

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
LONGEST_CELL = 32_767
# What a reader of a workbook takes for a sign that XML cannot hold (ECMA-376, ST_Xstring).
_LOOKS_ESCAPED = Expression(r"_(?=x[0-9A-Fa-f]{4}_)", longest=LONGEST_CELL)

Rows = Iterable[Sequence[Cell]]


def as_text(rows: Rows, format_name: str, convention: Convention | None = None) -> Iterator[bytes]:
    """Yield rows as CSV or TSV, a few hundred lines at a time; by the reader's usual convention, unless given one."""
    convention = convention or usual_convention()
    written = ([convention.written(cell) for cell in row] for row in rows)
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


class _Cells:
    """The cells of one sheet, each formatted as what it holds.

    A text is one by its format as well: whoever types 0815 over an identifier keeps its zero.
    """

    def __init__(self, sheet: WriteOnlyWorksheet, convention: Convention) -> None:
        self.sheet, self.date = sheet, convention.sheet_date

    def of(self, value: Cell) -> SheetCell | None:
        """The cell for a value; None for an empty one."""
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not _fits(value):
            value = CONVENTIONS["plain"].written(value)
        if isinstance(value, str):
            cell = WriteOnlyCell(self.sheet, _as_text(value))
            # Also one that looks like an error of the sheet.
            cell.data_type, cell.number_format = "s", "@"
            return cell
        if isinstance(value, int | float | Decimal):
            cell = WriteOnlyCell(self.sheet, float(value) if isinstance(value, Decimal) else value)
            if isinstance(value, Decimal) and value.as_tuple().exponent == -2:
                cell.number_format = "0.00"
            return cell
        return self._moment(value)

    def _moment(self, value: date | time) -> SheetCell:
        if isinstance(value, datetime):
            format, held = f"{self.date} hh:mm", value.replace(tzinfo=None)
        elif isinstance(value, date):
            format, held = self.date, datetime.combine(value, time())
        else:
            format, held = "hh:mm", datetime.combine(_NO_DAY, value)
        cell = WriteOnlyCell(self.sheet, held)
        cell.number_format = format
        return cell


def _fits(value: Cell) -> bool:
    """Can a sheet hold it as what it is?"""
    if isinstance(value, date):
        return value.year >= FIRST_YEAR
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        return number.is_finite() and len(number.as_tuple().digits) <= MOST_DIGITS
    return True


def _as_text(text: str) -> str:
    """What a sheet can hold: no formula, no control characters, and not more than its cells take."""
    text = defused(text)
    clean = text if text.isprintable() else "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return _LOOKS_ESCAPED.sub("_x005F_", clean[:LONGEST_CELL]) if "_x" in clean else clean[:LONGEST_CELL]
