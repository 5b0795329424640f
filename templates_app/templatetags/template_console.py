"""What the console's pages of templates need besides Django's own tags."""

from __future__ import annotations

from typing import Any

from django import template

from templates_app.versions import in_words

register = template.Library()


@register.filter
def fact(row: dict[str, Any], name: str) -> str:
    """A fact of a step or field as people read it."""
    return in_words(name, row.get(name))
