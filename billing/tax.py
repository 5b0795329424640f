"""Which tax is on a line, at which rate, and why. Rates are data: there is no default for one anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from billing.choices import TAXED, TaxCategory, TaxTreatment
from billing.countries import country_name
from billing.models import BillingProfile, TaxCode
from console.errors import Refused
from templates_app.choices import TaxClass

# What a customer's own tax makes of a line that would be taxed.
_CATEGORY_OF = {
    TaxTreatment.REVERSE_CHARGE: TaxCategory.REVERSE_CHARGE,
    TaxTreatment.INTRA_COMMUNITY: TaxCategory.INTRA_COMMUNITY,
    TaxTreatment.EXPORT: TaxCategory.EXPORT,
    TaxTreatment.EXEMPT: TaxCategory.EXEMPT,
}


@dataclass(frozen=True)
class Taxed:
    """The tax of a line. ``reason``: printed where none is charged; ``because``: how it was found, in a sentence."""

    code: TaxCode
    category: TaxCategory
    rate: Decimal
    reason: str
    because: str


class Taxes:
    """The tax codes in use of one country, read once for as many lines as there are."""

    def __init__(self, country: str, codes: Iterable[TaxCode] | None = None) -> None:
        if codes is None:
            codes = TaxCode.objects.filter(country=country, is_active=True).prefetch_related("rates").order_by("code")
        self.country = country
        self._codes = list(codes)
        self._rates = {
            code.pk: sorted(((rate.valid_from, rate.percent) for rate in code.rates.all()), reverse=True)
            for code in self._codes
        }

    def of(self, tax_class: str, profile: BillingProfile | None, day: date) -> Taxed:
        """The tax of a line of that kind, done on that day, for the customer of that profile.

        A customer's own treatment counts for what would be taxed; what is exempt, or outside the tax, stays that.
        Raises Refused with the sentence that says what is not set up.
        """
        own = self._own_category(profile, day)
        plain = self._by_class(tax_class)
        if own is None or profile is None or TaxCategory(plain.category) not in (*TAXED, TaxCategory.ZERO):
            return self._taxed(plain, day, because=self._because_of_class(plain, day))
        code = next((code for code in self._codes if code.category == own), None)
        if code is None:
            raise Refused(
                _("There is no tax code for “%(tax)s” in %(country)s.")
                % {"tax": TaxCategory(own).label, "country": country_name(self.country)}
            )
        because = _("%(treatment)s, by the customer's billing profile.") % {
            "treatment": profile.get_tax_treatment_display()
        }
        reason = profile.exemption_reason if own == TaxCategory.EXEMPT else ""
        return self._taxed(code, day, because=because, reason=reason)

    @staticmethod
    def _own_category(profile: BillingProfile | None, day: date) -> TaxCategory | None:
        if profile is None or profile.tax_treatment == TaxTreatment.NORMAL:
            return None
        treatment = TaxTreatment(profile.tax_treatment)
        if treatment == TaxTreatment.EXEMPT and profile.exempt_until is not None and day > profile.exempt_until:
            return None
        return _CATEGORY_OF[treatment]

    def _by_class(self, tax_class: str) -> TaxCode:
        for code in self._codes:
            if code.tax_class == tax_class:
                return code
        raise Refused(
            _("There is no tax code for “%(kind)s” in %(country)s.")
            % {"kind": TaxClass(tax_class).label, "country": country_name(self.country)}
        )

    def _taxed(self, code: TaxCode, day: date, *, because: str, reason: str = "") -> Taxed:
        rate = self.rate_on(code, day)
        return Taxed(code, TaxCategory(code.category), rate, reason or code.reason, because)

    def rate_on(self, code: TaxCode, day: date) -> Decimal:
        """The rate in percent of a code on a day; 0 for what is not taxed. Raises Refused where none holds yet, and for
        a code that is not in use here."""
        if code.pk not in self._rates:
            raise Refused(self._why_not_used(code))
        if code.category not in TAXED:
            return Decimal("0.00")
        for valid_from, percent in self._rates.get(code.pk, []):
            if valid_from <= day:
                return percent
        raise Refused(
            _("There is no rate for %(code)s on %(day)s.") % {"code": code.name, "day": date_format(day, "j M Y")}
        )

    def _why_not_used(self, code: TaxCode) -> str:
        if code.country == self.country:
            return _("%s is no longer in use. Choose another tax for its lines, or switch the code on again.") % code
        said = {"code": code, "country": country_name(code.country)}
        return _("%(code)s is a tax of %(country)s, not of your country. Choose another tax for its lines.") % said

    def _because_of_class(self, code: TaxCode, day: date) -> str:
        return why_this_tax(code, self.rate_on(code, day), day)


def why_this_tax(code: TaxCode, rate: Decimal, day: date, profile: BillingProfile | None = None) -> str:
    """How the tax of a line was found, in a sentence: its kind, its rate on that day, or the customer's own treatment
    where ``profile`` makes the same of it."""
    own = _CATEGORY_OF.get(TaxTreatment(profile.tax_treatment)) if profile is not None else None
    if code.category not in TAXED:
        if profile is not None and own == code.category:
            return _("%(treatment)s, by the customer's billing profile.") % {
                "treatment": profile.get_tax_treatment_display()
            }
        return _("%(kind)s, by the price line.") % {"kind": _kind_of(code)}
    return _("%(rate)s %% %(name)s: %(kind)s in %(country)s on %(day)s.") % {
        "rate": number_format(rate.normalize()),
        "name": code.name,
        "kind": _kind_of(code).lower(),
        "country": country_name(code.country),
        "day": date_format(day, "j M Y"),
    }


def _kind_of(code: TaxCode) -> str:
    return str(TaxClass(code.tax_class).label) if code.tax_class else str(TaxCategory(code.category).label)
