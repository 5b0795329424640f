"""The form of a job: its own facts, and the fields of its template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import Customer, Location
from jobs.admin.dialogs import workers_for
from jobs.models import Job
from permissions.console import MomentInput, shown_to
from templates_app.choices import FieldKind
from templates_app.forms import given_values, value_fields
from templates_app.values import Definition


class _NumberInput(UnfoldAdminDecimalFieldWidget):
    input_type = "number"


class _UrlInput(UnfoldAdminURLInputWidget):
    """Unfold's own shows the present value as a link above the field, which a template's field has no use for."""

    template_name = "django/forms/widgets/url.html"


CONSOLE_WIDGETS: dict[str, type[forms.Widget]] = {
    FieldKind.TEXT: UnfoldAdminTextInputWidget,
    FieldKind.NUMBER: _NumberInput,
    FieldKind.CURRENCY: _NumberInput,
    FieldKind.DATETIME: MomentInput,
    FieldKind.CHECKBOX: UnfoldBooleanWidget,
    FieldKind.PICK: UnfoldAdminSelectWidget,
    FieldKind.MULTI_PICK: UnfoldAdminCheckboxSelectMultipleWidget,
    FieldKind.LINK: _UrlInput,
    FieldKind.LOCATION: UnfoldAdminTextInputWidget,
}


class JobForm(forms.ModelForm):
    """A job's facts. ``JobAdmin`` adds the template's fields, named "value_<key>"."""

    requested_start = forms.DateTimeField(
        label=_("Asked for"),
        required=False,
        widget=MomentInput,
        help_text=_("When the customer would like it. Not a promise."),
    )

    # Set by job_form: whom the choices are for, whose job it is.
    user: Any = None
    customer: Customer | None = None

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in (self.instance.values or {}).items():
            if f"value_{name}" in self.fields:
                self.initial.setdefault(f"value_{name}", value)
        customer = self.instance.customer if self.instance.pk else self.customer
        if "location" in self.fields:
            places = Location.objects.filter(customer=customer) if customer else Location.objects.all()
            self.fields["location"].queryset = shown_to(places, self.user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        place, customer = data.get("location"), data.get("customer")
        if place and customer and place.customer_id != customer.pk:
            self.add_error("location", _("This location belongs to another customer than %s.") % customer)
        return data

    @property
    def values(self) -> dict[str, Any]:
        """{field key: value} of the template's fields."""
        return given_values(self.cleaned_data)


class NewJobForm(JobForm):
    """What is asked when a job is made by hand."""

    planned_start = forms.DateTimeField(
        label=_("Planned start"), required=False, widget=MomentInput, help_text=_("Empty: somebody schedules it later.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "worker" in self.fields:
            self.fields["worker"].queryset = workers_for(self.user)  # type: ignore[attr-defined]


def job_form(
    base: type[JobForm], definitions: Iterable[Definition], *, user: Any, customer: Customer | None
) -> type[JobForm]:
    """A form class with the fields of a template."""
    facts: dict[str, Any] = {"user": user, "customer": customer}
    return type(base.__name__, (base,), facts | value_fields(definitions, widgets=CONSOLE_WIDGETS))


class CustomerChoice(forms.Form):
    """For whom is the new job?"""

    customer = forms.ModelChoiceField(Customer.objects.none(), label=_("Customer"), required=False)

    def __init__(self, *args: Any, user: Any, admin_site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["customer"]
        field.widget = AutocompleteSelect(Job._meta.get_field("customer"), admin_site, attrs={"class": "w-full"})
        field.queryset = shown_to(Customer.objects.current(), user)  # type: ignore[attr-defined]
