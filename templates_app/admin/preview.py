"""The portal's form beside the editor: made of what stands in the editor now, saved or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from console.kit import MomentInput
from templates_app.choices import FieldKind, Use
from templates_app.forms import NOT_ASKED, PREFIX, value_fields
from templates_app.models import JobTemplate, facts_of
from templates_app.values import clean_value

WIDGETS: dict[str, type[forms.Widget]] = {
    "text": UnfoldAdminTextInputWidget,
    "number": UnfoldAdminTextInputWidget,
    "currency": UnfoldAdminTextInputWidget,
    "datetime": MomentInput,
    "checkbox": forms.CheckboxInput,
    "pick": UnfoldAdminSelectWidget,
    "multi_pick": forms.CheckboxSelectMultiple,
    "link": UnfoldAdminTextInputWidget,
    "location": UnfoldAdminTextInputWidget,
    "signature": UnfoldAdminTextInputWidget,
}


class _Preview(forms.Form):
    """The fields of a template as a customer fills them in. To be tried, never sent."""

    use_required_attribute = False


def preview_of(template: JobTemplate) -> dict[str, Any]:
    """What the companion site makes of a template as it is saved; of a new one, next to nothing."""
    if template.pk is None:
        return shown(template, [], [])
    steps = [{"name": step.name, "portal_use": step.portal_use} for step in template.steps.all()]
    return shown(template, [facts_of(field) for field in template.fields.all()], steps)


def preview_as_typed(template: JobTemplate, formsets: Iterable[Any]) -> dict[str, Any]:
    """The same for what stands in the editor: ``template`` carries what was typed, the formsets are bound."""
    rows: dict[str, list[Any]] = {"steps": [], "fields": []}
    for formset in formsets:
        if formset.prefix in rows:
            rows[formset.prefix] = kept_rows(formset)
    steps = [{"name": step.name, "portal_use": step.portal_use} for step in rows["steps"]]
    return shown(template, [facts_of(field) for field in rows["fields"]], steps)


def kept_rows(formset: Any) -> list[Any]:
    """The rows of a bound formset that would be there after saving, in order, each with what was typed into it."""
    formset.is_valid()
    placed = []
    for number, form in enumerate(formset.forms):
        data = getattr(form, "cleaned_data", None) or {}
        row = form.instance
        named = data.get("name") or data.get("label")
        if data.get("DELETE") or not named or not (form.has_changed() or row.pk):
            continue
        last = row.pk is None and data.get("position") is None
        placed.append(((last, data.get("position") or 0, number), row))
    return [row for _place, row in sorted(placed, key=lambda pair: pair[0])]


def shown(template: JobTemplate, definitions: list[dict[str, Any]], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The parts of the preview: what is asked, in order; what is only shown; the steps she can follow.

    ``preview_parts``: ("header" | "file" | "field", label or bound field, definition), in order.
    """
    asked = [one for one in definitions if one["portal_use"] in (Use.OPTIONAL, Use.REQUIRED)]
    needed = [one["key"] for one in asked if one["portal_use"] == Use.REQUIRED]
    form = _Preview(prefix=None, auto_id="preview_%s")
    form.fields.update(value_fields([_harmless(one) for one in asked], widgets=WIDGETS, required=needed))
    visible = [one for one in definitions if one["portal_use"] != Use.HIDDEN]
    parts: list[dict[str, Any]] = []
    for one in visible:
        name = PREFIX + one["key"]
        if one["kind"] == FieldKind.HEADER:
            parts.append({"kind": "header", "label": one["label"]})
        elif one["portal_use"] == Use.READ_ONLY:
            continue
        elif one["kind"] in NOT_ASKED:
            parts.append({"kind": "file", "label": one["label"], "definition": one, "needed": one["key"] in needed})
        else:
            parts.append({"kind": "field", "field": form[name], "definition": one, "needed": one["key"] in needed})
    only_shown = [one for one in visible if one["portal_use"] == Use.READ_ONLY and one["kind"] != FieldKind.HEADER]
    return {
        "preview": form,
        "preview_of": template,
        "preview_parts": parts,
        "preview_asks": any(part["kind"] != "header" for part in parts),
        "preview_shown": only_shown,
        "preview_steps": [step for step in steps if step["portal_use"] != Use.HIDDEN],
    }


def _harmless(definition: dict[str, Any]) -> dict[str, Any]:
    """Without a default that its type does not take: somebody is still typing."""
    try:
        clean_value({**definition, "shown_when": ""}, definition.get("default"))
    except ValidationError:
        return {**definition, "default": ""}
    return definition
