"""Writing cells that a spreadsheet program shows and never runs."""

from __future__ import annotations

from typing import Any

# A cell that begins with one of these is a formula to Excel, LibreOffice or Google Sheets.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def defused(value: Any) -> str:
    """The value as text; what would run as a formula gets an apostrophe in front. Plain numbers stay numbers."""
    text = "" if value is None else str(value)
    if not text.startswith(_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
