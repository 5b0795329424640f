"""Sums of money: amount and currency, how they are rounded, how they are written for a reader.

Money is decimal, in cents. It is rounded half up, as everybody rounds by hand.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_precision
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy

from audit.expressions import LimitedRegexValidator

CENT = Decimal("0.01")
# Currencies that have no smaller unit (ISO 4217).
WITHOUT_CENTS = frozenset(
    {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
        "XPF",
    }
)  # fmt: skip

currency_code = LimitedRegexValidator(
    r"^[A-Z]{3}$", gettext_lazy("Write a currency as three capital letters, for example EUR.")
)


def default_currency() -> str:
    """The business's currency, an ISO 4217 code."""
    return settings.DEFAULT_CURRENCY


def in_cents(amount: Decimal) -> Decimal:
    """An amount rounded to cents. Raises InvalidOperation beyond 28 digits."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def format_unit_price(price: Decimal, currency: str) -> str:
    """The price of one unit, which may be finer than a cent: €95.00 and €0.0425."""
    if price == in_cents(price):
        return format_money(price, currency)
    code = currency or default_currency()
    return str(format_currency(price, code, locale=_locale(), decimal_quantization=False))


def _locale() -> str:
    return (get_language() or settings.LANGUAGE_CODE).replace("-", "_")


def format_money(amount: Decimal | int | str, currency: str) -> str:
    """An amount with its currency as the language of the moment writes it: €1,234.50 and 1.234,50 €.

    With its cents, since lines must add up to their total as they are printed. Babel leaves them out of currencies
    whose small coins are out of use (RSD, ALL).
    """
    code, sum_of_money = currency or default_currency(), in_cents(Decimal(str(amount)))
    is_whole = sum_of_money == sum_of_money.to_integral_value()
    as_usual = get_currency_precision(code) > 2 or (code in WITHOUT_CENTS and is_whole)
    return str(format_currency(sum_of_money, code, locale=_locale(), currency_digits=as_usual))
