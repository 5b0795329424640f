"""The forms of the template editor: its own facts, its steps, its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from audit.excerpts import in_a_row
from audit.normal_form import normal_form
from console.kit import ConsoleStackedInline, ConsoleTabularInline, DialogForm
from console.shapes import AnyForm, Record
from templates_app.models import JobTemplate, TemplateField, TemplateStep, key_from
from templates_app.price_forms import PriceLinesFormField


class _OnePerLine(forms.Field):
    """A list of words, written one on each line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def prepare_value(self, value: object) -> object:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:
        lines = [line.strip() for line in str(value or "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Sequence[str] | None, data: object) -> bool:
        return self.to_python(data) != list(initial or [])


class _PlacedForm(forms.ModelForm[Record]):
    """A row that is new has no place until somebody moves it; then any place counts, the first too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "position" in self.fields:
            self.fields["position"].required = False
        if self.instance.pk is None:
            self.initial["position"] = None


class FieldForm(_PlacedForm[TemplateField]):
    """One field of a template."""

    choices = _OnePerLine(
        label=gettext_lazy("Choices"), required=False, help_text=gettext_lazy("For pick lists: one on each line.")
    )

    class Meta:
        model = TemplateField
        fields: tuple[str, ...] = ()
        help_texts = {
            "shown_when": gettext_lazy("Another field of this template, by its label. Empty: always shown."),
        }


class OrderedFormSet(PaginationInlineFormSet[Record, JobTemplate, AnyForm]):
    """Rows in an order of their own: what is added, and not dragged to a place, comes last. A key that nobody wrote
    is made from the name, and differs from the others."""

    def validate_unique(self) -> None:
        taken = {form.instance.key for form in self.forms}
        for form in self.forms:
            data = getattr(form, "cleaned_data", None) or {}
            words = data.get("name") or data.get("label")
            if words and not data.get("key") and not data.get("DELETE"):
                base = key_from(words)
                key = (
                    base if base not in taken else next(k for n in range(2, 1000) if (k := f"{base}_{n}") not in taken)
                )
                data["key"] = form.instance.key = key
                taken.add(key)
        super().validate_unique()

    def save_new(self, form: AnyForm, commit: bool = True) -> Record:
        if form.cleaned_data.get("position") is None:
            taken = [one.instance.position for one in self.forms if one is not form]
            form.instance.position = max((place for place in taken if place is not None), default=-1) + 1
        return super().save_new(form, commit=commit)


class FieldFormSet(OrderedFormSet[TemplateField]):
    """The fields of a template, together: a condition names a field that is there."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        keys = {_key_of(form): form.cleaned_data["label"] for form in kept if form.cleaned_data.get("label")}
        by_label = {normal_form(label): key for key, label in keys.items()}
        for form in kept:
            wanted = (form.cleaned_data.get("shown_when") or "").strip()
            if not wanted:
                continue
            # People write what they read: the label will do for the key.
            key = wanted if wanted in keys else by_label.get(normal_form(wanted))
            if key is None or key == _key_of(form):
                choices = in_a_row(sorted(other for other in keys if other != _key_of(form)))
                form.add_error(
                    "shown_when", _("There is no other field of that key. There are: %s.") % (choices or "–")
                )
            else:
                form.instance.shown_when = key


def _key_of(form: AnyForm) -> str:
    return str(form.cleaned_data.get("key") or form.instance.key or key_from(form.cleaned_data.get("label") or ""))


class StepForm(_PlacedForm[TemplateStep]):
    """One step of a template, in a row of a table: short headings."""

    class Meta:
        model = TemplateStep
        fields: tuple[str, ...] = ()
        labels = {"worker_use": gettext_lazy("workers"), "portal_use": gettext_lazy("customers")}


class StepInline(ConsoleTabularInline[TemplateStep]):
    """What is done, in order."""

    model = TemplateStep
    form = StepForm
    formset = OrderedFormSet[TemplateStep]
    # The handle by which a row is dragged stands in the first column, so the hidden one is last.
    fields = ("name", "location_kind", "worker_use", "portal_use", "key", "position")
    ordering_field = "position"
    hide_ordering_field = True


class FieldInline(ConsoleStackedInline[TemplateField]):
    """What is to be known, in order."""

    model = TemplateField
    form = FieldForm
    formset = FieldFormSet
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    fields = (
        "position",
        ("label", "kind"),
        "help",
        ("worker_use", "portal_use"),
        ("choices", "default"),
        ("minimum", "maximum"),
        ("shown_when", "shown_value"),
        "key",
    )


class CopyDialog(DialogForm):
    """What shall the copy be called?"""

    name = forms.CharField(label=gettext_lazy("Name of the copy"), max_length=120, widget=UnfoldAdminTextInputWidget)

    def about(self, obj: JobTemplate) -> None:
        super().about(obj)
        self.fields["name"].initial = _("%s (copy)") % obj.name


class TemplateForm(forms.ModelForm[JobTemplate]):
    """A template's own facts."""

    price_lines = PriceLinesFormField(
        help_text=gettext_lazy(
            "Copied into each job when it is made; their total is the job's amount. A line below zero is a discount. "
            "Jobs that exist keep the lines they have."
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = self.fields.get("price_lines")
        if isinstance(lines, PriceLinesFormField):
            lines.price_currency(self.instance.currency, include_tax=self.instance.prices_include_tax)
        if "currency" in self.fields:
            # Its default is computed, for which Django would compare with a hidden copy instead of the record.
            self.fields["currency"].show_hidden_initial = False
        if "duration_minutes" in self.fields:
            self.fields["duration_minutes"].widget.attrs["min"] = 5

    def clean_currency(self) -> str:
        """Written small by somebody in a hurry, it is the same currency."""
        return str(self.cleaned_data["currency"] or "").strip().upper()

    class Meta:
        model = JobTemplate
        fields: tuple[str, ...] = ()
        widgets = {"colour": UnfoldAdminColorInputWidget()}
