"""Cells of the files that leave: shown by a spreadsheet program, never run by it. The one writer of CSV.

Why so much is escaped: docs/decisions/0086-files-that-leave.md.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

# What begins a formula in Excel, LibreOffice or Google Sheets; full-width and small forms count as the plain ones.
SIGNS = frozenset("=+-@\N{MINUS SIGN}")
# A program that takes another separator than ours begins a new cell behind each of these.
SEPARATORS = frozenset(",;|\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
# What nobody sees and what a program may leave out: white space, control, format, combining signs, and fillers.
_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_IN_NUMBERS = frozenset("0123456789 .,'’")
LONGEST_NUMBER = 40


def defused(value: object) -> str:
    """Return the value as text in which no cell is a formula, whatever separator a program takes; None is empty.

    A sign that would begin a formula gets an apostrophe in front, also behind a separator inside the text. Plain
    numbers and telephone numbers stay as they are. Reads the text once.
    """
    text = "" if value is None else str(value)
    if _is_harmless(text) or _is_number(text):
        return text
    parts: list[str] = []
    written, at_start = 0, True
    for place, sign in enumerate(text):
        if sign in SEPARATORS:
            at_start = True
        elif at_start and not _is_unseen(sign):
            if _is_sign(sign):
                parts += [text[written:place], "'"]
                written = place
            at_start = False
    return "".join([*parts, text[written:]])


def undefused(text: str) -> str:
    """Return a text without the apostrophes that ``defused`` put in, for files that come back."""
    if "'" not in text:
        return text
    kept: list[str] = []
    at_start = True
    for sign, following in zip(text, text[1:] + " ", strict=True):
        if at_start and sign == "'" and _is_sign(following):
            at_start = False
            continue
        kept.append(sign)
        at_start = sign in SEPARATORS or (at_start and _is_unseen(sign))
    return "".join(kept)


def csv_lines(rows: Iterable[Sequence[object]], delimiter: str = ",") -> Iterator[str]:
    """Yield rows as lines of CSV, every cell defused, after the mark by which Excel knows that it is UTF-8."""
    writer = csv.writer(_Line(), delimiter=delimiter)
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([defused(cell) for cell in row])


class _Line:
    """A file that hands each line on, so that a long table needs no memory."""

    def write(self, line: str) -> str:
        return line


def _is_harmless(text: str) -> bool:
    """Most cells: nothing in them that could begin a formula."""
    return text.isascii() and not ("=" in text or "+" in text or "-" in text or "@" in text)


def _is_number(text: str) -> bool:
    """-5, 1,234.50, +49 151 5550133: what computes nothing."""
    if len(text) > LONGEST_NUMBER:
        return False
    digits = text[1:] if text[:1] in ("+", "-", "\N{MINUS SIGN}") else text
    return bool(digits) and digits[-1] in "0123456789" and _IN_NUMBERS.issuperset(digits)


def _is_unseen(sign: str) -> bool:
    if " " < sign < "\x7f":
        return False
    return sign in _FILLERS or unicodedata.category(sign) in _UNSEEN_KINDS


def _is_sign(sign: str) -> bool:
    return sign in SIGNS or (sign > "\x7f" and unicodedata.normalize("NFKC", sign)[:1] in SIGNS)
