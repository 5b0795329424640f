"""Sending a form back as a browser would: with everything it holds."""

from __future__ import annotations

from typing import Any


def filled(response: Any) -> dict[str, Any]:
    """{name: value} of the admin form on a page, its inlines and hidden marks with it."""
    context = response.context
    data: dict[str, Any] = {"_seen": context.get("seen", ""), "_once": context.get("once", "")}
    forms = [context["adminform"].form]
    for inline in context.get("inline_admin_formsets") or []:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            if value is True and not hasattr(bound.field.widget, "choices"):
                data[bound.html_name] = "on"
                continue
            rendered = bound.field.widget.format_value(value)
            if isinstance(rendered, list | tuple) and not hasattr(bound.field.widget, "choices"):
                continue
            data[bound.html_name] = value if hasattr(bound.field.widget, "choices") else rendered
    return {name: value for name, value in data.items() if value is not None}
