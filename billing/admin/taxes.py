"""Tax codes, with their rates by day."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from audit.private_hooks import become
from billing.admin.fields import CountryField
from billing.choices import TAXED
from billing.countries import country_name
from billing.models import TaxCode, TaxRate
from billing.services import install_taxes, save_tax_code
from console.kit import (
    ChoiceFilter,
    ConsoleModelAdmin,
    ConsoleTabularInline,
    DialogForm,
    YesNoFilter,
    console_action,
)
from console.shapes import AnyForm, AnyFormSet


class TaxCodeForm(forms.ModelForm[TaxCode]):
    """The country is chosen by its name."""

    country = CountryField(label=gettext_lazy("Country"))

    class Meta:
        model = TaxCode
        fields = ("code", "name", "country", "tax_class", "category", "reason", "reason_code", "is_active")


class RateInline(ConsoleTabularInline[TaxRate]):
    """A rate, from a day on until the next one begins."""

    model = TaxRate
    fields = ("percent", "valid_from")
    tab = False
    # What was charged by it stands on invoices.
    can_delete = False


class CountryDialog(DialogForm):
    """Whose taxes?"""

    country = CountryField(label=gettext_lazy("Country"))


def _rate_today(code: TaxCode) -> str:
    if code.category not in TAXED:
        return "–"
    today = timezone.localdate()
    for rate in code.rates.all():
        if rate.valid_from <= today:
            return _("%s %%") % number_format(rate.percent.normalize())
    return _("none yet")


def _country(code: TaxCode) -> str:
    return country_name(code.country)


@admin.register(TaxCode)
class TaxCodeAdmin(ConsoleModelAdmin[TaxCode]):
    """Saved through ``billing.services``. A code that is not used any more is switched off, never deleted."""

    form = TaxCodeForm
    list_display = ("head", "country_words", "tax_class", "category", "rate_today", "in_use")
    list_display_links = ("head",)
    list_filter = (("tax_class", ChoiceFilter), ("category", ChoiceFilter), ("is_active", YesNoFilter))
    search_fields = ("code", "name", "country")
    search_help_text = gettext_lazy("Code, name or the country's two letters")
    sortable_by = ("head",)
    inlines = (RateInline,)
    actions_list = ("of_country",)
    export_columns = (
        ("code", gettext_lazy("Code")),
        ("name", gettext_lazy("Name")),
        ("country", gettext_lazy("Country")),
        ("tax_class", gettext_lazy("Kind of tax")),
        ("category", gettext_lazy("Category")),
        (_rate_today, gettext_lazy("Rate today")),
        ("reason", gettext_lazy("Reason")),
        ("reason_code", gettext_lazy("Code of the reason")),
        ("is_active", gettext_lazy("In use")),
    )
    export_prefetch = ("rates",)
    empty_state = gettext_lazy(
        "No tax codes yet. They come along when you choose your country in the billing settings."
    )
    fieldsets = (
        (None, {"fields": (("code", "name"), "country", ("tax_class", "category"), "is_active")}),
        (gettext_lazy("Where no tax is charged"), {"fields": ("reason", "reason_code")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxCode]:
        return super().get_queryset(request).prefetch_related("rates")

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    @display(description=gettext_lazy("Tax code"), ordering="code", header=True)
    def head(self, code: TaxCode) -> list[str]:
        return [code.name, code.code]

    @display(description=gettext_lazy("Country"))
    def country_words(self, code: TaxCode) -> str:
        return _country(code)

    @display(description=gettext_lazy("Rate today"))
    def rate_today(self, code: TaxCode) -> str:
        return _rate_today(code)

    @display(description=gettext_lazy("In use"), label={"yes": "success", "no": "default"})
    def in_use(self, code: TaxCode) -> tuple[str, str]:
        return ("yes", _("In use")) if code.is_active else ("no", _("Switched off"))

    def save_model(self, request: HttpRequest, obj: TaxCode, form: AnyForm, change: bool) -> None:
        become(obj, save_tax_code(obj, [], by=request.user))

    def save_formset(self, request: HttpRequest, form: AnyForm, formset: AnyFormSet, change: bool) -> None:
        rates = formset.save(commit=False)
        if rates:
            save_tax_code(form.instance, rates, by=request.user)

    @console_action(
        permission="add",
        description=gettext_lazy("Add a country's taxes"),
        text=gettext_lazy("The taxes of a country as they are today, as far as we know them. What is there stays."),
        submit=gettext_lazy("Add"),
        form_class=CountryDialog,
        icon="public",
    )
    def of_country(self, request: HttpRequest, obj: None, form: CountryDialog) -> str:
        country = form.cleaned_data["country"]
        made = install_taxes(country, by=request.user)
        said = ngettext(
            "%(count)d tax code of %(country)s was added.", "%(count)d tax codes of %(country)s were added.", len(made)
        )
        return said % {"count": len(made), "country": country_name(country)}
