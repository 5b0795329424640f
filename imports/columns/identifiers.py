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
