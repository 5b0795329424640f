"""Where the names of the columns stand, and what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from imports.reading.shape import MAX_COLUMNS, Row


def header_row_of(rows: Sequence[Row]) -> int:
    """The first row as full as most are; above it stand titles and notes."""
    filled = [(number, sum(1 for cell in cells if cell.strip())) for number, cells in rows]
    usual = Counter(count for _number, count in filled if count).most_common()
    most = max((count for count, times in usual if times >= max(1, usual[0][1] // 3)), default=1)
    return next((number for number, count in filled if count >= max(1, most * 0.6)), 1)


def header_of(rows: Sequence[Row], header_row: int) -> list[str]:
    names = next((cells for number, cells in rows if number == header_row), [])
    width = max((len(cells) for _number, cells in rows), default=0) if header_row == 0 else len(names)
    header: list[str] = []
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for index in range(min(width, MAX_COLUMNS * 50)):
        given = " ".join((names[index] if index < len(names) else "").replace("\x00", "").split())[:120]
        name = base = given or _("Column %s") % _letter(index)
        while name.casefold() in taken:
            copies[base.casefold()] += 1
            name = f"{base} ({copies[base.casefold()] + 1})"
        taken.add(name.casefold())
        header.append(name)
    while header and header_row and len(header) > 1 and not names[len(header) - 1].strip():
        if any(len(cells) >= len(header) and cells[len(header) - 1].strip() for n, cells in rows if n > header_row):
            break
        header.pop()
    return header


def _letter(index: int) -> str:
    """The name a spreadsheet gives the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
