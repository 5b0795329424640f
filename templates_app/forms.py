"""A template's fields as fields of a form of the office, checked by ``templates_app.values``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from templates_app.definitions import FieldDefinition
from templates_app.kinds import KINDS
from templates_app.values import clean_value

PREFIX = "value_"

# How a page dresses Django's plain widgets: those it does not name stay as they are.
Widgets = Mapping[type[forms.Widget], type[forms.Widget]]


class ValueField(forms.Field):
    """One field of a template, of a kind that has a widget."""

    def __init__(self, definition: FieldDefinition, *, widgets: Widgets, required: bool = False) -> None:
        self.definition, self.kind = definition, KINDS[definition.kind]
        if self.kind.widget is None:
            raise ValueError(f"a {definition.kind} is not asked for here")
        widget = widgets.get(self.kind.widget, self.kind.widget)()
        if isinstance(widget, forms.widgets.ChoiceWidget):
            widget.choices = self.kind.choices(definition)
        widget.attrs |= self.kind.widget_attrs
        if definition.shown_when:
            # templates_app/conditional_fields.js hides it; ``clean_values`` drops what was hidden.
            widget.attrs |= {
                "data-shown-when": PREFIX + definition.shown_when,
                "data-shown-value": definition.shown_value,
            }
            required = False
        super().__init__(
            required=required and not self.kind.can_be_empty,
            label=definition.label,
            help_text=definition.help or str(self.kind.help),
            initial=definition.default or None,
            widget=widget,
            error_messages={"required": _("“%s” is needed.") % definition.label},
        )

    def clean(self, value: object) -> object:
        """The value as it is stored. Raises ValidationError with the sentence of ``templates_app.values``."""
        return clean_value(self.definition, super().clean(value))

    def prepare_value(self, value: object) -> object:
        """The stored value as the widget shows it."""
        return self.kind.shown(value, self.definition)

    def has_changed(self, initial: object, data: object) -> bool:
        """Compared as stored values, so that 5 and "5" are the same."""
        try:
            return bool(clean_value(self.definition, data) != initial)
        except forms.ValidationError:
            return True


def has_form_field(definition: FieldDefinition) -> bool:
    """Is it filled in among the values? A file is given beside them, a header not at all."""
    return KINDS[definition.kind].widget is not None


def value_fields(
    definitions: Iterable[FieldDefinition], *, widgets: Widgets, required: Collection[str] = ()
) -> dict[str, ValueField]:
    """{name in the form: field} of all fields a person fills in. ``required``: keys that must be given."""
    return {
        PREFIX + one.key: ValueField(one, widgets=widgets, required=one.key in required)
        for one in definitions
        if has_form_field(one)
    }


def given_values(cleaned_data: Mapping[str, object]) -> dict[str, object]:
    """{field key: value} out of a form's cleaned data."""
    return {name.removeprefix(PREFIX): value for name, value in cleaned_data.items() if name.startswith(PREFIX)}
