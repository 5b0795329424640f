"""Billing settings: one page for the seller, the bank, the documents and the books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.private_hooks import become
from billing.admin.fields import CountryField
from billing.choices import SeriesKind
from billing.models import BillingSettings, NumberSeries, TaxCode
from billing.services import save_billing_settings
from console.kit import ConsoleModelAdmin
from console.shapes import AnyForm, Fieldsets


class BillingSettingsForm(forms.ModelForm[BillingSettings]):
    """The seller's country is chosen by its name."""

    seller_country = CountryField(
        label=gettext_lazy("Country"),
        required=False,
        help_text=gettext_lazy("Its taxes hold where nothing else is said. They are set up when you first choose it."),
    )

    class Meta:
        model = BillingSettings
        fields = [field.name for field in BillingSettings._meta.fields if field.editable and not field.primary_key]
        widgets = {
            "introduction": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "footer": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        }


@dataclass(frozen=True)
class Missing:
    """What is still to be done before anything can be posted, and where."""

    sentence: str
    link: str


def still_missing(settings: BillingSettings) -> list[Missing]:
    """What stands between the business and its first invoice; empty when nothing does."""
    found = [Missing(sentence, f"#id_{name}") for name, sentence in settings.missing_fields().items()]
    if not NumberSeries.objects.filter(kind=SeriesKind.INVOICE, is_default=True).exists():
        if settings.version:
            found.append(
                Missing(_("A number series for new invoices."), reverse("admin:billing_numberseries_changelist"))
            )
        else:
            found.append(Missing(_("A number series: it is made when you save this page."), "#id_seller_name"))
    country = settings.seller_country
    if country and not TaxCode.objects.filter(country=country, is_active=True).exists():
        found.append(Missing(_("The taxes of your country."), reverse("admin:billing_taxcode_changelist")))
    return found


@admin.register(BillingSettings)
class BillingSettingsAdmin(ConsoleModelAdmin[BillingSettings]):
    form = BillingSettingsForm
    change_form_before_template = "billing/admin/settings_missing.html"
    fieldsets: ClassVar[Fieldsets | None] = [
        (
            gettext_lazy("Seller"),
            {
                "fields": (
                    "seller_name",
                    "seller_street",
                    ("seller_postcode", "seller_city"),
                    "seller_country",
                    ("vat_id", "tax_number"),
                    ("register_entry", "managing_directors"),
                    ("phone", "email"),
                )
            },
        ),
        (gettext_lazy("Bank"), {"fields": (("account_holder", "bank_name"), ("iban", "bic"))}),
        (
            gettext_lazy("Documents"),
            {"fields": ("currency", "introduction", "footer", "dates_in_number_order")},
        ),
        (gettext_lazy("Books"), {"fields": ("books_closed_until",)}),
    ]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> BillingSettings | None:
        """The one row, with its defaults while it was never saved."""
        return BillingSettings.load() if str(object_id) == "1" else None

    def get_readonly_fields(self, request: HttpRequest, obj: BillingSettings | None = None) -> tuple[str, ...]:
        return () if request.user.has_perm("billing.close_books") else ("books_closed_until",)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """One row is no list."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:billing_billingsettings_change", args=[1]))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        context: dict[str, object] = {"missing": still_missing(BillingSettings.load()), "title": _("Billing settings")}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: BillingSettings, form: AnyForm, change: bool) -> None:
        request.__dict__["settings_changed"] = bool(form.changed_data)
        # The first time, the defaults are worth saving too: number series come along.
        if form.changed_data or not obj.version:
            request.__dict__["settings_changed"] = True
            become(obj, save_billing_settings(obj, by=request.user))

    def response_change(self, request: HttpRequest, obj: BillingSettings) -> HttpResponse:
        if not getattr(request, "settings_changed", True):
            messages.info(request, _("Nothing was changed, so nothing was saved."))
            return HttpResponseRedirect(self.change_url(obj))
        messages.success(request, _("The billing settings were saved."))
        return HttpResponseRedirect(self.change_url(obj))
