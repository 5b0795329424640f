"""The portal's form beside the editor: made of what stands in the editor now, saved or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from console.kit import MomentInput
from console.moments import MomentWidget
from console.shapes import AnyFormSet
from templates_app.choices import FieldKind, Use
from templates_app.definitions import FieldDefinition, StepDefinition
from templates_app.forms import PREFIX, Widgets, has_form_field, value_fields
from templates_app.models import JobTemplate, TemplateField, TemplateStep
from templates_app.values import clean_value

WIDGETS: Widgets = {
    forms.TextInput: UnfoldAdminTextInputWidget,
    forms.NumberInput: UnfoldAdminTextInputWidget,
    forms.URLInput: UnfoldAdminTextInputWidget,
    MomentWidget: MomentInput,
    forms.Select: UnfoldAdminSelectWidget,
}


class _Preview(forms.Form):
    """The fields of a template as a customer fills them in. To be tried, never sent."""

    use_required_attribute = False


@dataclass(frozen=True)
class PreviewPart:
    """One piece of the form: "header", "file" or "field", the last with what it is filled in with."""

    kind: str
    definition: FieldDefinition
    field: forms.BoundField | None = None
    needed: bool = False

    @property
    def label(self) -> str:
        """What people call it."""
        return self.definition.label


class Preview(TypedDict):
    """The parts of the preview: what is asked, in order; what is only shown; the steps she can follow."""

    preview: forms.Form
    preview_of: JobTemplate
    preview_parts: list[PreviewPart]
    preview_asks: bool
    preview_shown: list[FieldDefinition]
    preview_steps: list[StepDefinition]


def preview_of(template: JobTemplate) -> Preview:
    """What the companion site makes of a template as it is saved; of a new one, next to nothing."""
    if template.pk is None:
        return build_preview(template, [], [])
    return build_preview(template, template.field_definitions(), template.step_definitions())


def preview_as_typed(template: JobTemplate, formsets: Iterable[AnyFormSet]) -> Preview:
    """The same for what stands in the editor: ``template`` carries what was typed, the formsets are bound."""
    fields: list[FieldDefinition] = []
    steps: list[StepDefinition] = []
    for formset in formsets:
        for row in kept_rows(formset):
            if isinstance(row, TemplateField):
                fields.append(row.definition())
            elif isinstance(row, TemplateStep):
                steps.append(row.definition())
    return build_preview(template, fields, steps)


def kept_rows(formset: AnyFormSet) -> list[TemplateStep | TemplateField]:
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


def build_preview(
    template: JobTemplate, definitions: Sequence[FieldDefinition], steps: Sequence[StepDefinition]
) -> Preview:
    """The preview of these fields and steps."""
    needed = {one.key for one in definitions if one.portal_use == Use.REQUIRED}
    form = _Preview(prefix=None, auto_id="preview_%s")
    offered = [_harmless(one) for one in definitions if one.may_be_set("portal_use")]
    form.fields.update(value_fields(offered, widgets=WIDGETS, required=needed))
    visible = [one for one in definitions if one.is_shown_to_customers]
    parts = []
    for one in visible:
        if one.kind == FieldKind.HEADER:
            parts.append(PreviewPart("header", one))
        elif one.portal_use == Use.READ_ONLY:
            continue
        elif not has_form_field(one):
            parts.append(PreviewPart("file", one, needed=one.key in needed))
        else:
            parts.append(PreviewPart("field", one, form[PREFIX + one.key], one.key in needed))
    return {
        "preview": form,
        "preview_of": template,
        "preview_parts": parts,
        "preview_asks": any(part.kind != "header" for part in parts),
        "preview_shown": [one for one in visible if one.portal_use == Use.READ_ONLY and one.kind != FieldKind.HEADER],
        "preview_steps": [step for step in steps if step.is_shown_to_customers],
    }


def _harmless(definition: FieldDefinition) -> FieldDefinition:
    """Without a default that its type does not take: somebody is still typing."""
    try:
        clean_value(definition, definition.default)
    except ValidationError:
        return replace(definition, default="")
    return definition
