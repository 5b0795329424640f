"""Writing cells that a spreadsheet program shows and never runs."""

from __future__ import annotations

import re
from typing import Any

# A cell that begins with one of these is a formula to Excel, LibreOffice or Google Sheets.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# -5, 1,234.50, +49 151 5550133: what computes nothing stays as it is.
_NUMBER = re.compile(r"^[-+]?[\d .,'’]*\d$")


def defused(value: Any) -> str:
    """The value as text; what would run as a formula gets an apostrophe in front. Plain numbers stay numbers."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS) and not _NUMBER.match(text) else text
