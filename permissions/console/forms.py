"""What questions are made of: the form of a dialog, pickers of days, moments and records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from unfold.forms import BaseDialogForm
from unfold.widgets import INPUT_CLASSES


class DialogForm(BaseDialogForm):
    """The form of a console action's dialog. ``obj`` is the record it is about (or the list of them), ``request`` the
    request. Override ``about`` to fill in choices and first values."""

    obj: Any = None

    def about(self, obj: Any) -> None:
        """Told which record, or records, the questions are about, before anything is shown or checked."""
        self.obj = obj


class MomentInput(forms.DateTimeInput):
    """A date and a time in one field, by the browser's own picker: works in dialogs, by keyboard and on a telephone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), **(attrs or {})}, format="%Y-%m-%dT%H:%M")


class DayInput(forms.DateInput):
    """A date, by the browser's own picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), **(attrs or {})}, format="%Y-%m-%d")


def pick_one(field: Any, source: Any, queryset: Any) -> None:
    """Makes a form field a search box over ``queryset``, by the autocomplete of the foreign key ``source``."""
    field.queryset = queryset
    field.widget = AutocompleteSelect(source, admin.site, attrs={"class": "w-full"})
    field.widget.choices = field.choices


def pick_several(field: Any, source: Any, queryset: Any) -> None:
    """The same for a field that takes several."""
    field.queryset = queryset
    field.widget = AutocompleteSelectMultiple(source, admin.site, attrs={"class": "w-full"})
    field.widget.choices = field.choices


def badge(words: Any, colour: str) -> Any:
    """A coloured label for a form or an inline; lists have ``display(label=...)``. Colours: those of choices.py."""
    return mark_safe(render_to_string("unfold/helpers/label.html", {"text": words, "type": colour, "size": "md"}))
