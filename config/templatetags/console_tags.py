"""What the console's own pages need of the template language."""

from __future__ import annotations

import json

from django import template

register = template.Library()


@register.filter
def as_json(value: dict[str, object] | list[object]) -> str:
    """A chart's data, for an attribute (escaped there like any text)."""
    return json.dumps(value, default=str)
