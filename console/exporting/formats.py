"""Writing rows one after the other, in the formats of django-import-export that spreadsheets open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _
from import_export.formats.base_formats import CSV, TSV, XLSX, Format
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from audit.spreadsheet import csv_lines, defused
from console.errors import Refused

# By the name an export keeps; the order of the form.
FORMATS: dict[str, type[Format]] = {"csv": CSV, "xlsx": XLSX, "tsv": TSV}
# A sheet ends here.
MOST_XLSX_ROWS = 1_048_575
# Lines handed on at once.
LINES = 200

Rows = Iterable[Sequence[str]]


def as_text(rows: Rows, format_name: str) -> Iterator[bytes]:
    """Yield rows as CSV or TSV, a few hundred lines at a time."""
    lines = csv_lines(rows, "\t" if format_name == "tsv" else ",")
    while piece := "".join(islice(lines, LINES)):
        yield piece.encode()


def write_rows(
    rows: Rows, file: BinaryIO, format_name: str, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Writes rows into a file, the first of them the headings; how many are below it. ``progress`` is told on the way.

    Raises Refused when a sheet cannot hold them.
    """
    count = 0

    def counted() -> Iterator[Sequence[str]]:
        nonlocal count
        for place, row in enumerate(rows):
            yield row
            count = place
            if place and place % 1000 == 0:
                progress(place)

    if format_name == "xlsx":
        _write_sheet(counted(), file)
    else:
        for piece in as_text(counted(), format_name):
            file.write(piece)
    return count


def _write_sheet(rows: Iterable[Sequence[str]], file: BinaryIO) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Export"))
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        if number > MOST_XLSX_ROWS:
            raise Refused(_("A sheet holds at most %d rows. Choose CSV, or narrow the list.") % MOST_XLSX_ROWS)
        if number:
            sheet.append([_cell(text) for text in row])
            continue
        heads = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=_cell(text))
            cell.font = Font(bold=True)
            heads.append(cell)
        sheet.append(heads)
    book.save(file)


def _cell(text: str) -> str:
    """What a sheet can hold: no formula, no control characters, and not more than its cells take."""
    text = defused(text)
    clean = text if text.isprintable() else "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return clean[:32_767]
