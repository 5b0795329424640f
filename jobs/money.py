"""Sums of money as the reader's language writes them: €1,234.50 and 1.234,50 €."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency
from django.conf import settings
from django.utils.translation import get_language


def money(amount: Decimal | int | str, currency: str) -> str:
    """An amount with its currency, in the language that is spoken at the moment."""
    locale = (get_language() or settings.LANGUAGE_CODE).replace("-", "_")
    return str(format_currency(Decimal(str(amount)), currency or settings.DEFAULT_CURRENCY, locale=locale))
