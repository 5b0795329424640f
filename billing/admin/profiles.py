"""How a customer is billed: its page, reached from the customer's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.models import Location
from audit.private_hooks import become
from billing.admin.fields import CountryField
from billing.choices import TaxTreatment
from billing.models import BillingProfile
from billing.services import save_profile, use_as_invoice_address
from console.keys import is_key
from console.kit import ChoiceFilter, ConsoleModelAdmin, DialogForm, YesNoFilter, console_action, note_made, shown_to
from console.shapes import AnyForm, Fieldsets


class BillingProfileForm(forms.ModelForm[BillingProfile]):
    """The country is chosen by its name."""

    country = CountryField(label=gettext_lazy("Country"), required=False, help_text=gettext_lazy("Empty: yours."))

    class Meta:
        model = BillingProfile
        fields: tuple[str, ...] = ()


class LocationDialog(DialogForm):
    """Which location's address?"""

    location = forms.ModelChoiceField(
        Location.objects.none(), label=gettext_lazy("Location"), widget=UnfoldAdminSelectWidget
    )

    def about(self, obj: Any) -> None:
        super().about(obj)
        # The page that asks names the location: it is offered, and no other.
        wanted = self.request.POST.get("location") or self.request.GET.get("location", "")
        field = self.fields["location"]
        assert isinstance(field, forms.ModelChoiceField)
        places = shown_to(Location.objects.select_related("customer"), self.request.user)
        here = places.filter(pk=wanted) if is_key(wanted) else places.none()
        field.queryset = here
        field.initial = here.first()


def _treatment_colour(profile: BillingProfile) -> str:
    return "default" if profile.tax_treatment == TaxTreatment.NORMAL else "info"


@admin.register(BillingProfile)
class BillingProfileAdmin(ConsoleModelAdmin[BillingProfile]):
    """Saved through ``billing.services``."""

    form = BillingProfileForm
    list_display = ("customer_name", "address", "tax_label", "po_required", "hold_reason")
    list_display_links = ("customer_name",)
    list_select_related = ("customer",)
    list_filter = (("tax_treatment", ChoiceFilter), ("po_required", YesNoFilter))
    search_fields = ("customer__name_search", "legal_name", "city", "vat_id")
    search_help_text = gettext_lazy("Customer, name on invoices, town or VAT ID")
    sortable_by = ("customer_name",)
    actions_list = ("address_of_location",)
    empty_state = gettext_lazy("No billing profiles yet. Set one up on a customer's page, under “Billing”.")
    export_columns = (
        ("customer__name", gettext_lazy("Customer")),
        ("legal_name", gettext_lazy("Name on invoices")),
        ("street", gettext_lazy("Street and number")),
        ("street2", gettext_lazy("More of the address")),
        ("postcode", gettext_lazy("Postcode")),
        ("city", gettext_lazy("Town")),
        ("country", gettext_lazy("Country")),
        ("vat_id", gettext_lazy("VAT ID")),
        ("tax_treatment", gettext_lazy("Tax")),
        ("buyer_reference", gettext_lazy("Buyer reference")),
        ("po_required", gettext_lazy("PO number required")),
        ("standing_po", gettext_lazy("Standing PO number")),
        ("standing_po_until", gettext_lazy("Standing PO valid until")),
        ("hold_reason", gettext_lazy("Do not bill")),
    )

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("customer",)

    def get_readonly_fields(self, request: HttpRequest, obj: BillingProfile | None = None) -> tuple[str, ...]:
        # A profile never goes from one customer to another.
        return ("customer",) if obj is not None else ()

    def get_fieldsets(self, request: HttpRequest, obj: BillingProfile | None = None) -> Fieldsets:
        return [
            (
                _("Invoice address"),
                {"fields": ["customer", "legal_name", "street", "street2", ("postcode", "city"), "country"]},
            ),
            (_("Tax"), {"fields": [("vat_id", "tax_treatment"), ("exemption_reason", "exempt_until")]}),
            (
                _("Purchase orders"),
                {"fields": ["po_required", ("standing_po", "standing_po_until"), "buyer_reference"]},
            ),
            (_("Documents"), {"fields": [("language", "currency"), "hold_reason"]}),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[BillingProfile]:
        return super().get_queryset(request).select_related("customer")

    @display(description=gettext_lazy("Customer"), ordering="customer__name", header=True)
    def customer_name(self, profile: BillingProfile) -> list[str]:
        return [profile.customer.name, profile.legal_name]

    @display(description=gettext_lazy("Invoice address"))
    def address(self, profile: BillingProfile) -> str:
        return invoice_address_of(profile) or "–"

    @display(description=gettext_lazy("Tax"), label={"default": "default", "info": "info"})
    def tax_label(self, profile: BillingProfile) -> tuple[str, str]:
        return _treatment_colour(profile), profile.get_tax_treatment_display()

    def save_model(self, request: HttpRequest, obj: BillingProfile, form: AnyForm, change: bool) -> None:
        become(obj, save_profile(obj, by=request.user))

    def response_post_save_add(self, request: HttpRequest, obj: BillingProfile) -> HttpResponseRedirect:
        return HttpResponseRedirect(customer_tab(obj.customer_id))

    def response_post_save_change(self, request: HttpRequest, obj: BillingProfile) -> HttpResponseRedirect:
        return HttpResponseRedirect(customer_tab(obj.customer_id))

    @console_action(
        permission="billing.change_billingprofile",
        description=gettext_lazy("Use as invoice address"),
        text=gettext_lazy("Invoices of its customer go to this address from now on. Posted ones keep theirs."),
        form_class=LocationDialog,
        shown=False,
    )
    def address_of_location(self, request: HttpRequest, obj: None, form: LocationDialog) -> HttpResponse | str:
        profile = use_as_invoice_address(form.cleaned_data["location"], by=request.user)
        note_made(request, profile)
        return _("Invoices of %(customer)s go to %(address)s.") % {
            "customer": profile.customer,
            "address": invoice_address_of(profile),
        }


def invoice_address_of(profile: BillingProfile) -> str:
    """The invoice address on one line."""
    town = f"{profile.postcode} {profile.city}".strip()
    return ", ".join(filter(None, (profile.street, profile.street2, town)))


def customer_tab(customer: int) -> str:
    """The address of a customer's page, at what concerns its invoices."""
    return reverse("admin:accounts_customer_change", args=[customer]) + "#billing_profile"
