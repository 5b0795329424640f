"""A template's fields as fields of a form: whatever the page, checked by ``templates_app.values``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from templates_app.choices import FieldKind
from templates_app.values import Definition, clean_value

PREFIX = "value_"
# Kinds that are asked for elsewhere, or not at all.
NOT_ASKED = (FieldKind.HEADER, FieldKind.FILE)

Widgets = Mapping[str, type[forms.Widget]]
PLAIN_WIDGETS: Widgets = {
    FieldKind.TEXT: forms.TextInput,
    FieldKind.NUMBER: forms.NumberInput,
    FieldKind.CURRENCY: forms.NumberInput,
    FieldKind.DATETIME: forms.DateTimeInput,
    FieldKind.CHECKBOX: forms.CheckboxInput,
    FieldKind.PICK: forms.Select,
    FieldKind.MULTI_PICK: forms.CheckboxSelectMultiple,
    FieldKind.LINK: forms.URLInput,
    FieldKind.LOCATION: forms.TextInput,
    FieldKind.SIGNATURE: forms.TextInput,
}


SIGNATURE_HELP = _("The full name of whoever signed. A picture of the signature goes under Files.")


class ValueField(forms.Field):
    """One field of a template. ``definition``: an entry of ``TemplateVersion.fields``."""

    def __init__(self, definition: Definition, *, widgets: Widgets = PLAIN_WIDGETS, required: bool = False) -> None:
        self.definition = definition
        kind = FieldKind(definition["kind"])
        widget = widgets[kind]()
        if kind in (FieldKind.PICK, FieldKind.MULTI_PICK):
            choices = [(choice, choice) for choice in definition.get("choices") or []]
            blank = [("", "—")] if kind == FieldKind.PICK else []
            widget.choices = [*blank, *choices]  # type: ignore[attr-defined]
        if kind in (FieldKind.NUMBER, FieldKind.CURRENCY):
            widget.attrs["step"] = "any" if kind == FieldKind.NUMBER else "0.01"
        if other := definition.get("shown_when"):
            # templates_app/conditional_fields.js hides it; ``clean_values`` drops what was hidden.
            widget.attrs |= {"data-shown-when": PREFIX + other, "data-shown-value": definition.get("shown_value") or ""}
            required = False
        super().__init__(
            required=required and kind != FieldKind.CHECKBOX,
            label=definition["label"],
            help_text=definition.get("help", "") or (SIGNATURE_HELP if kind == FieldKind.SIGNATURE else ""),
            initial=definition.get("default") or None,
            widget=widget,
            error_messages={"required": _("“%s” is needed.") % definition["label"]},
        )

    def clean(self, value: Any) -> Any:
        """The value as it is stored. Raises ValidationError with the sentence of ``templates_app.values``."""
        return clean_value(self.definition, super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        """The stored value as the widget shows it."""
        kind = self.definition["kind"]
        if kind == FieldKind.DATETIME and isinstance(value, str) and (moment := parse_datetime(value)):
            return timezone.localtime(moment) if timezone.is_aware(moment) else moment
        if kind == FieldKind.DATETIME and isinstance(value, datetime):
            return timezone.localtime(value)
        if kind == FieldKind.CHECKBOX and isinstance(value, str):
            return bool(clean_value(self.definition, value))
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as stored values, so that 5 and "5" are the same."""
        try:
            return bool(clean_value(self.definition, data) != initial)
        except forms.ValidationError:
            return True


def value_fields(
    definitions: Iterable[Definition], *, widgets: Widgets = PLAIN_WIDGETS, required: Iterable[str] = ()
) -> dict[str, ValueField]:
    """{name in the form: field} of all fields a person fills in. ``required``: keys that must be given."""
    needed = set(required)
    return {
        PREFIX + one["key"]: ValueField(one, widgets=widgets, required=one["key"] in needed)
        for one in definitions
        if one["kind"] not in NOT_ASKED
    }


def given_values(cleaned_data: Mapping[str, Any]) -> dict[str, Any]:
    """{field key: value} out of a form's cleaned data."""
    return {name.removeprefix(PREFIX): value for name, value in cleaned_data.items() if name.startswith(PREFIX)}
