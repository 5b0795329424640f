"""Values of a workbook's cells that its reader hands on otherwise than a person sees them."""

from __future__ import annotations

from datetime import datetime, timedelta

from audit.expressions import Expression, Match
from imports.reading.shape import MAX_CELL

# How ECMA-376 (ST_Xstring) writes a character that XML cannot hold: _x000D_ is a carriage return.
_ESCAPED = Expression(r"_x([0-9A-Fa-f]{4})_", longest=MAX_CELL)
_SURROGATES = range(0xD800, 0xE000)
# Where a spreadsheet's days begin, as openpyxl counts the first of them.
_ZERO = datetime(1899, 12, 31)


def unescaped(text: str) -> str:
    """The text of a cell with the characters that its file could write by their number only."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: Match) -> str:
    number = int(found[1], 16)
    return found[0] if number in _SURROGATES else chr(number)


def hours_and_minutes(value: datetime | timedelta) -> str | None:
    """How long something takes, or a time of the day, in a column of times: 24:00 comes as a day in 1900.

    None for a real date.
    """
    if isinstance(value, datetime):
        if (value.year, value.month) != (1900, 1):
            return None
        value -= _ZERO
    seconds = round(value.total_seconds())
    if seconds < 0:
        return str(value)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text
