"""What the console's own pages need of the template language."""

from __future__ import annotations

import json

from django import template

from config.console import Context, is_held_by_now

register = template.Library()


@register.filter
def as_json(value: dict[str, object] | list[object]) -> str:
    """A chart's data, for an attribute (escaped there like any text)."""
    return json.dumps(value, default=str)


@register.simple_tag(takes_context=True)
def held(context: Context) -> bool:
    """Does a restore wait for a decision? Only members of staff are told."""
    user = context.get("user")
    return bool(user is not None and user.is_authenticated and user.is_staff and is_held_by_now())
