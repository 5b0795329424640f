"""Identifiers, codes and telephone numbers: text of digits that spreadsheets take for numbers, and ruin."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audit.expressions import IGNORECASE, Expression

# 4,91715E+11 and 4.9e+11; 1E11 may be an identifier, 1E+11 is none.
_SHORTENED = Expression(
    r"[-+]?[0-9](?:[.,][0-9]{1,20}E[-+]?|E\+)[0-9]{1,3}", IGNORECASE, longest=40
)  # fmt: skip


def require_not_shortened(text: str) -> None:
    """Raises ValidationError for what a spreadsheet wrote in place of a long number: its last digits are lost, and many
    numbers look like it."""
    if _SHORTENED.fullmatch(text.strip()):
        raise ValidationError(
            _("is a number that a spreadsheet has shortened: format the column as text, and save the file again"),
            code="shortened",
        )


def lost_its_zeros(now: object, said: object) -> bool:
    """Does a cell say what a spreadsheet made of the digits that stood there: 123 of 000123, 4940 of +4940?"""
    if not (isinstance(now, str) and isinstance(said, str)) or now == said or not said.isdecimal():
        return False
    return now.lstrip("+").lstrip("0") == said


def zeros_stay(names: str) -> str:
    """What is told of a row some of whose cells have lost theirs. ``names``: of their columns."""
    return _("has lost zeros or a plus sign in a spreadsheet, so that nothing is changed there: %s") % names
