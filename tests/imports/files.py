"""Files as people have them: the same table as text and as a workbook."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

NAMES = ["id", "template", "customer", "start", "notes"]


def row(number: int, **changes: Any) -> list[Any]:
    """A good row."""
    cells = {
        "id": f"A-{number}", "template": "Skip exchange", "customer": "Acme Builders",
        "start": f"2026-12-{number % 28 + 1:02} 08:00", "notes": f"Gate {number}",
    }  # fmt: skip
    return list((cells | changes).values())


def csv_of(*rows: Sequence[Any]) -> bytes:
    """The rows as they stand, without a quotation mark."""
    return "".join(",".join(map(str, cells)) + "\n" for cells in rows).encode()


def xlsx_of(*rows: Sequence[Any], change: Callable[[Worksheet], None] | None = None) -> bytes:
    """The rows as a workbook's only sheet; ``change`` does the rest to it."""
    book = Workbook()
    sheet = book.active
    for cells in rows:
        sheet.append([None if cell == "" else cell for cell in cells])
    if change:
        change(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
