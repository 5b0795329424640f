"""What the importer's pages need besides Django's own tags."""

from __future__ import annotations

from django import template

from audit.expressions import Expression
from imports.plan import ColumnNames

register = template.Library()

# Short, with a digit, and no word in it: 2026-12-01 08:30, 1.234,50 EUR, +49 151 5550133, J-000001.
_FIGURE = Expression(r"(?=.*\d)(?!.*[^\W\d_]{4}).{1,25}", longest=25)
# Longer than this it is a sentence, or an address.
_WORDS = 24


@register.filter
def cell_class(value: object) -> str:
    """The class of a cell: a date or a number stays in one line, and a sentence gets room to be read."""
    text = str(value)
    return "im-nowrap" if _FIGURE.fullmatch(text) else "im-words" if len(text) > _WORDS else ""


@register.filter
def column_name(key: str, names: ColumnNames) -> str:
    """A column as problems name it, by its key."""
    return names.of(key)
