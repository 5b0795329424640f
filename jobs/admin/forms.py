"""The form of a job: its own facts, and the fields of its template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import AnonymousUser
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import Customer, Location, User
from audit.private_hooks import exclusions_of
from console.errors import NotAllowed
from console.kit import MomentInput, shown_to
from console.moments import MomentField, MomentWidget
from console.reach import require_reach
from console.shapes import Words
from jobs.admin.dialogs import name_choices, offer, window_field, window_given, workers_for
from jobs.models import Job
from jobs.services import require_new_customer_name
from templates_app.definitions import FieldDefinition
from templates_app.forms import Widgets, given_values, value_fields
from templates_app.price_forms import PriceLinesFormField

if TYPE_CHECKING:
    from console.shapes import FieldOptions

# A title, and what stands under it: Django's {"fields": ..., "classes": ...}.
Fieldset: TypeAlias = "tuple[Words | None, FieldOptions]"


class _NumberInput(UnfoldAdminDecimalFieldWidget):
    input_type = "number"


class _UrlInput(UnfoldAdminURLInputWidget):
    """Unfold's own shows the present value as a link above the field, which a template's field has no use for."""

    template_name = "django/forms/widgets/url.html"


CONSOLE_WIDGETS: Widgets = {
    forms.TextInput: UnfoldAdminTextInputWidget,
    forms.NumberInput: _NumberInput,
    MomentWidget: MomentInput,
    forms.CheckboxInput: UnfoldBooleanWidget,
    forms.Select: UnfoldAdminSelectWidget,
    forms.CheckboxSelectMultiple: UnfoldAdminCheckboxSelectMultipleWidget,
    forms.URLInput: _UrlInput,
}


class JobAdminForm(forms.ModelForm[Job]):
    """A job's facts. ``JobAdmin`` adds the template's fields, named "value_<key>"."""

    requested_start = MomentField(
        label=_("Asked for"),
        required=False,
        widget=MomentInput,
        help_text=_("When the customer would like it. Not a promise."),
    )

    price_lines = PriceLinesFormField(help_text=_("Their total is the job's amount."))

    # Set by job_form: whom the choices are for, whose job it is.
    user: User | AnonymousUser = AnonymousUser()
    customer: Customer | None = None
    currency: str = ""
    include_tax: bool = False

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in (self.instance.values or {}).items():
            if f"value_{name}" in self.fields:
                self.initial.setdefault(f"value_{name}", value)
        lines = self.fields.get("price_lines")
        if isinstance(lines, PriceLinesFormField):
            include_tax = self.instance.prices_include_tax if self.instance.pk else self.include_tax
            lines.price_currency(self.currency or self.instance.currency, include_tax=include_tax)
        customer = self.instance.customer if self.instance.pk else self.customer
        if "location" in self.fields:
            places = Location.objects.filter(customer=customer) if customer else Location.objects.all()
            offer(self, "location", shown_to(places, self.user))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        place, customer = data.get("location"), data.get("customer")
        if place and customer and place.customer_id != customer.pk:
            self.add_error("location", _("This location belongs to another customer than %s.") % customer)
        return data

    @property
    def values(self) -> dict[str, object]:
        """{field key: value} of the template's fields."""
        return given_values(self.cleaned_data)


class _AsksSomebody(Protocol):
    """A form that knows who fills it in."""

    user: User | AnonymousUser
    cleaned_data: dict[str, Any]

    def add_error(self, field: str | None, error: str) -> None: ...


def add_what_is_out_of_reach(form: _AsksSomebody, *names: str) -> None:
    """Says of each chosen record that this member of staff may look at, but not work with."""
    for name in names:
        if record := form.cleaned_data.get(name):
            try:
                require_reach(form.user, record)
            except NotAllowed as refusal:
                form.add_error(name, str(refusal))


class CustomerUse(TextChoices):
    """What becomes of the customer when a job is made."""

    USE = "use", _("Use a customer as it is")
    UPDATE = "update", _("Use it and write the contact below into it")
    CREATE = "create", _("Make a new customer with the contact below")


def uses_for(user: User | AnonymousUser) -> list[tuple[str, str | Promise]]:
    """The choices this person has. Whoever is narrowed to certain customers makes no others."""
    may_make = user.has_perm("accounts.add_customer") and not getattr(user, "only_granted_customers", False)
    may = {CustomerUse.UPDATE: user.has_perm("accounts.change_customer"), CustomerUse.CREATE: may_make}
    return [(use.value, use.label) for use in CustomerUse if may.get(use, True)]


class NewJobForm(JobAdminForm):
    """What is asked when a job is made by hand."""

    customer_use = forms.ChoiceField(label=_("For whom"), required=False, widget=UnfoldAdminRadioSelectWidget)
    new_customer = forms.CharField(
        label=_("New customer"), required=False, max_length=160, widget=UnfoldAdminTextInputWidget
    )
    planned_start = MomentField(
        label=_("Planned start"), required=False, widget=MomentInput, help_text=_("Empty: somebody schedules it later.")
    )
    window_end = window_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "worker" in self.fields:
            offer(self, "worker", workers_for(self.user))
        self.fields["customer"].required = False
        uses, use = uses_for(self.user), self.fields["customer_use"]
        name_choices(self, "customer_use", uses)
        use.initial = use.initial or CustomerUse.USE
        if len(uses) == 1:
            use.widget = forms.HiddenInput()

    def clean_customer_use(self) -> str:
        return self.cleaned_data["customer_use"] or CustomerUse.USE

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("window_end") and not data.get("planned_start"):
            self.add_error("window_end", _("A window of time needs a planned start."))
        elif data.get("planned_start"):
            data["window_end"] = window_given(self, data["planned_start"])
        if data.get("customer_use") == CustomerUse.CREATE:
            try:
                require_new_customer_name(data.get("new_customer") or "")
            except forms.ValidationError as problem:
                self.add_error(None, problem)
            if data.get("location"):
                self.add_error("location", _("A new customer has no locations yet: write the address instead."))
        elif not data.get("customer"):
            if "customer" not in self.errors:
                self.add_error("customer", _("For whom is it? Choose the customer."))
        else:
            add_what_is_out_of_reach(self, "customer")
            if data.get("customer_use") == CustomerUse.UPDATE:
                self._check_update(data)
        return data

    def _check_update(self, data: dict[str, Any]) -> None:
        customer = data["customer"]
        if not self.user.has_perm("accounts.change_customer", customer):
            self.add_error("customer_use", _("You may not change %s: use it as it is.") % customer)
        elif not any(data.get(f"contact_{part}") for part in ("name", "email", "phone")):
            self.add_error("contact_name", _("There is nothing to write into the customer: fill in the contact."))

    def _get_validation_exclusions(self) -> set[str]:
        # The customer of a job is settled when it is saved.
        return exclusions_of(self) | {"customer"}


def job_form(
    base: type[JobAdminForm],
    definitions: Iterable[FieldDefinition],
    *,
    user: User | AnonymousUser,
    customer: Customer | None,
    currency: str = "",
    include_tax: bool = False,
) -> type[JobAdminForm]:
    """A form class with the fields of a template. ``currency``, ``include_tax``: of the price lines of a job not made
    yet."""
    facts: dict[str, object] = {
        "user": user, "customer": customer, "currency": currency, "include_tax": include_tax,
    }  # fmt: skip
    return type(base.__name__, (base,), facts | value_fields(definitions, widgets=CONSOLE_WIDGETS))


class CustomerChoice(forms.Form):
    """For whom is the new job?"""

    customer = forms.ModelChoiceField(Customer.objects.none(), label=_("Customer"), required=False)
    new_customer = forms.CharField(
        label=_("Or a new customer, by name"), required=False, max_length=160, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, user: User | AnonymousUser, admin_site: AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if CustomerUse.CREATE not in dict(uses_for(user)):
            del self.fields["new_customer"]
        field = self.fields["customer"]
        field.widget = AutocompleteSelect(Job._meta.get_field("customer"), admin_site, attrs={"class": "w-full"})
        offer(self, "customer", shown_to(Customer.objects.current(), user))
