"""What the console's pages of templates need besides Django's own tags."""

from __future__ import annotations

from django import template

from templates_app.versions import Row, fact_in_words

register = template.Library()


@register.filter
def fact(row: Row, name: str) -> str:
    """A fact of a step or field as people read it."""
    return fact_in_words(row, name)
