"""What questions are made of: the form of a dialog, pickers of days, moments and records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.forms import BaseDialogForm
from unfold.widgets import INPUT_CLASSES, RADIO_CLASSES, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from console.keys import is_key
from console.moments import MomentWidget
from console.reader import Reader, StaffReader
from console.shapes import AnyForeignKey, AnyManyToMany, AnyRows, Context, Words

# The relation by which a search box finds its records.
Related: TypeAlias = "AnyForeignKey | AnyManyToMany"


class DialogForm(BaseDialogForm):
    """The form of a console action's dialog. ``obj`` is the record it is about (or the list of them), ``request`` the
    request. Override ``about`` to fill in choices and first values."""

    obj: Any = None

    @property
    def reader(self) -> Reader:
        """Whoever is asked, for what is told in the question."""
        return StaffReader(self.request.user)

    def about(self, obj: Any) -> None:
        """Told which record, or records, the questions are about, before anything is shown or checked."""
        self.obj = obj


class ReasonDialog(DialogForm):
    """Why?"""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Kept in the history."),
    )


class MomentInput(MomentWidget):
    """A date and a time in one field, by the browser's own picker: works in dialogs, by keyboard and on a telephone."""

    which_class, radio_class = "flex flex-col gap-2 mt-2", " ".join(RADIO_CLASSES)

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), **(attrs or {})})


class DayInput(forms.DateInput):
    """A date, by the browser's own picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), **(attrs or {})}, format="%Y-%m-%d")


class _KnowsKeys(AutocompleteMixin):
    """Shows again what was chosen, if that can be the key of a record: what else somebody sends names none."""

    def optgroups(
        self, name: str, value: Sequence[str], attrs: dict[str, str | bool] | None = None
    ) -> list[tuple[str | None, list[Context], int | None]]:
        return super().optgroups(name, [one for one in value if not one or is_key(str(one))], attrs)


class SearchSelect(_KnowsKeys, AutocompleteSelect):
    """A search box for one record."""


class SearchSelectMultiple(_KnowsKeys, AutocompleteSelectMultiple):
    """A search box for several."""


def pick_one(field: forms.Field, source: Related, queryset: AnyRows) -> None:
    """Makes a form field a search box over ``queryset``, by the autocomplete of the foreign key ``source``."""
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = queryset
    field.widget = SearchSelect(source, admin.site, attrs={"class": "w-full"})
    field.widget.choices = field.choices


def pick_several(field: forms.Field, source: Related, queryset: AnyRows) -> None:
    """The same for a field that takes several."""
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = queryset
    field.widget = SearchSelectMultiple(source, admin.site, attrs={"class": "w-full"})
    field.widget.choices = field.choices


def badge(words: Words, colour: str) -> SafeString:
    """A coloured label for a form or an inline; lists have ``display(label=...)``. Colours: those of choices.py."""
    return render_to_string("unfold/helpers/label.html", {"text": words, "type": colour, "size": "md"})


class ReasonForm(DialogForm):
    """Asks why; the answer stands in the history."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Stands in the history. The next person will ask."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
