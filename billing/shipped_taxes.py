"""The taxes of countries as they are when billing is set up: data for the office to keep, never a default.

Rates: European Commission, "VAT rates applied in the Member States of the European Union"; GOV.UK, "VAT rates"; as of
November 2026. A rate stands with the first day on which we know it held, which is enough for every new invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.choices import TaxCategory
from templates_app.choices import TaxClass


@dataclass(frozen=True)
class ShippedRate:
    """A rate in percent, as text, from a day on."""

    tax_class: TaxClass
    percent: str
    valid_from: date


def _rates(since: date, standard: str, reduced: str = "", second: str = "") -> tuple[ShippedRate, ...]:
    said = ((TaxClass.STANDARD, standard), (TaxClass.REDUCED, reduced), (TaxClass.SECOND_REDUCED, second))
    return tuple(ShippedRate(kind, percent, since) for kind, percent in said if percent)


RATES: dict[str, tuple[ShippedRate, ...]] = {
    "AT": _rates(date(2016, 1, 1), "20", "10", "13"),
    "BE": _rates(date(2016, 1, 1), "21", "12", "6"),
    "DE": _rates(date(2021, 1, 1), "19", "7"),
    "ES": _rates(date(2012, 9, 1), "21", "10"),
    "FR": _rates(date(2014, 1, 1), "20", "10", "5.5"),
    "GB": _rates(date(2011, 1, 4), "20", "5"),
    "NL": _rates(date(2019, 1, 1), "21", "9"),
    "PL": _rates(date(2011, 1, 1), "23", "8", "5"),
}
# What the tax is called there.
NAMES = {"AT": "USt.", "BE": "TVA/BTW", "DE": "USt.", "ES": "IVA", "FR": "TVA", "GB": "VAT", "NL": "BTW", "PL": "VAT"}


@dataclass(frozen=True)
class ShippedReason:
    """A tax code without a rate: its category, the words that must be printed, and their code (VATEX list of CEF)."""

    code: str
    tax_class: str
    category: TaxCategory
    reason: str
    reason_code: str


_GERMAN = ("AT", "DE")


def reasons_of(country: str) -> tuple[ShippedReason, ...]:
    """What each country gets beside its rates. The words are those of Article 226 of Directive 2006/112/EC."""
    german = country in _GERMAN
    reverse = "Steuerschuldnerschaft des Leistungsempfängers (reverse charge)" if german else "Reverse charge"
    intra = "Steuerfreie innergemeinschaftliche Lieferung" if german else "Intra-Community supply, exempt"
    export = "Steuerfreie Ausfuhrlieferung" if german else "Export, exempt"
    exempt = "Steuerfrei" if german else "Exempt"
    outside = "Nicht steuerbar" if german else "Outside the scope of tax"
    return (
        ShippedReason("reverse", TaxClass.REVERSE, TaxCategory.REVERSE_CHARGE, reverse, "VATEX-EU-AE"),
        ShippedReason("intra", "", TaxCategory.INTRA_COMMUNITY, intra, "VATEX-EU-IC"),
        ShippedReason("export", "", TaxCategory.EXPORT, export, "VATEX-EU-G"),
        ShippedReason("exempt", TaxClass.EXEMPT, TaxCategory.EXEMPT, exempt, ""),
        ShippedReason("outside", TaxClass.OUTSIDE, TaxCategory.OUTSIDE, outside, "VATEX-EU-O"),
        ShippedReason("zero", TaxClass.ZERO, TaxCategory.ZERO, "", ""),
    )
