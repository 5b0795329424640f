"""Writing cells that a spreadsheet program shows and never runs."""

from __future__ import annotations

import re
from typing import Any

# A cell that begins with one of these is a formula to Excel, LibreOffice or Google Sheets.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# What nobody sees, and what a sheet or a program leaves out: a formula may hide behind it.
_UNSEEN = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF]))
# -5, 1,234.50, +49 151 5550133: what computes nothing stays as it is.
_NUMBER = re.compile(r"^[-+]?[\d .,'’]*\d$")


def defused(value: Any) -> str:
    """The value as text; what would run as a formula gets an apostrophe in front. Plain numbers stay numbers."""
    text = "" if value is None else str(value)
    runs = text.startswith(_STARTS) or text.lstrip(_UNSEEN).startswith(_STARTS)
    return f"'{text}" if runs and not _NUMBER.match(text) else text
