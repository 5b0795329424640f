"""Setting billing up: the seller, taxes, numbers, how each customer is billed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Location
from audit.act import acting
from billing.choices import SeriesKind, TaxCategory
from billing.models import BillingProfile, BillingSettings, NumberSeries, SeriesYear, TaxCode, TaxRate
from billing.shipped_taxes import NAMES, RATES, reasons_of
from console.errors import Conflict, Refused
from console.reach import By, require_all_customers, require_reach

# The series that come with billing: name is translated when they are made.
_FIRST_SERIES = (
    (SeriesKind.INVOICE, "R-{year}-{number}"),
    (SeriesKind.CREDIT_NOTE, "G-{year}-{number}"),
    (SeriesKind.PAYMENT, "P-{year}-{number}"),
    (SeriesKind.REFUND, "RF-{year}-{number}"),
    (SeriesKind.WRITE_OFF, "W-{year}-{number}"),
)


def save_billing_settings(settings: BillingSettings, *, by: By) -> BillingSettings:
    """Saves the settings as they stand on the object. The first time, series of numbers and the country's taxes come
    along. Raises ValidationError, and Conflict when somebody saved others meanwhile."""
    settings.full_clean()
    with transaction.atomic(), acting(by=by):
        require_all_customers(by)
        stored = BillingSettings.objects.select_for_update().filter(pk=1).first()
        if stored is not None and stored.version != settings.version:
            raise Conflict(_("Somebody else has changed the settings meanwhile. Look again, then make your changes."))
        settings.version += 1
        settings.save()
        there = set(NumberSeries.objects.values_list("kind", flat=True))
        for kind, pattern in _FIRST_SERIES:
            if kind not in there:
                save_series(NumberSeries(name=str(kind.label), kind=kind, pattern=pattern, is_default=True), by=by)
        country = settings.seller_country
        if country and not TaxCode.objects.filter(country=country).exists():
            install_taxes(country, by=by)
        return settings


def install_taxes(country: str, *, by: By) -> list[TaxCode]:
    """The taxes of a country as they are today, as far as we know them; what is there already stays.

    For a country whose rates we do not know, only what has no rate. Returns what was made.
    """
    made = []
    with transaction.atomic(), acting(by=by):
        name = NAMES.get(country, str(_("VAT")))
        there = set(TaxCode.objects.filter(country=country).values_list("code", flat=True))
        for rate in RATES.get(country, ()):
            code = f"{country.lower()}-{rate.tax_class.replace('_', '-')}"
            if code not in there:
                tax = TaxCode(
                    code=code, name=name, country=country, tax_class=rate.tax_class, category=TaxCategory.STANDARD
                )
                made.append(
                    save_tax_code(tax, [TaxRate(percent=Decimal(rate.percent), valid_from=rate.valid_from)], by=by)
                )
        for said in reasons_of(country):
            code = f"{country.lower()}-{said.code}"
            if code not in there:
                tax = TaxCode(
                    code=code,
                    name=name,
                    country=country,
                    tax_class=said.tax_class,
                    category=said.category,
                    reason=said.reason,
                    reason_code=said.reason_code,
                )
                made.append(save_tax_code(tax, [], by=by))
    return made


def save_tax_code(code: TaxCode, rates: Sequence[TaxRate], *, by: By) -> TaxCode:
    """Saves a tax code, and adds or changes these rates of it. Raises ValidationError."""
    with transaction.atomic(), acting(by=by):
        code.full_clean()
        code.save()
        for rate in rates:
            rate.tax_code = code
            rate.full_clean()
            rate.save()
        return code


def save_series(series: NumberSeries, *, by: By) -> NumberSeries:
    """Saves a series. Raises ValidationError, and Refused for another pattern once a number was given."""
    with transaction.atomic(), acting(by=by):
        series.full_clean()
        stored = NumberSeries.objects.select_for_update().filter(pk=series.pk).first()
        frozen = ("kind", "pattern", "digits", "restarts_yearly")
        changed = stored is not None and any(getattr(stored, name) != getattr(series, name) for name in frozen)
        if changed and SeriesYear.objects.filter(series=series, last__gt=0).exists():
            raise Refused(_("Numbers of this series were given: its pattern stays. Make another series."))
        series.save()
        return series


def save_profile(profile: BillingProfile, *, by: By) -> BillingProfile:
    """Saves how a customer is billed. Raises ValidationError, NotAllowed for a customer that was not granted."""
    with transaction.atomic(), acting(by=by):
        require_reach(by, profile.customer)
        profile.full_clean()
        profile.save()
        return profile


def use_as_invoice_address(location: Location, *, by: By) -> BillingProfile:
    """Bill a location's customer at that address; the rest of its billing profile stays as it is."""
    with transaction.atomic(), acting(by=by):
        require_reach(by, location)
        profile = BillingProfile.objects.filter(customer=location.customer_id).first()
        profile = profile or BillingProfile(customer=location.customer)
        profile.street, profile.street2 = location.street, ""
        profile.postcode, profile.city = location.postcode, location.city
        return save_profile(profile, by=by)
