"""Sums in a ledger's tables: whole minor units, so that every database adds and compares them exactly.

SQLite works decimals out in floating point: there 0.80 - (0.10 + 0.70) is not 0, and a CHECK, a sum or a partial index
over a DecimalField goes wrong (SQLite 3.40, docs/decisions/0155-documents-and-ledger.md). Python sees decimals of two
places.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from babel.numbers import get_currency_precision, list_currencies
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _
from typing_extensions import TypeVar

from money import CENT, WITHOUT_CENTS, in_cents

if TYPE_CHECKING:
    from django import forms
    from django.db.backends.base.base import BaseDatabaseWrapper

ZERO = Decimal("0.00")
# More is a slip of the finger, and every sum of such amounts fits into 64 bits.
MOST = Decimal(10) ** 12
# Their small coin is out of use, or their law knows another one than a hundredth.
_NOT_IN_HUNDREDTHS = WITHOUT_CENTS | {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", "MGA", "MRU", "CLF"}


def to_minor(amount: Decimal) -> int:
    """An amount of a currency with two decimals, in its minor unit: 12.34 is 1234.

    Raises ValueError for what is no such amount: a fraction of a cent, no number, too much.
    """
    try:
        minor = amount * 100
        whole = int(minor)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise ValueError(f"not an amount: {amount}") from error
    if whole != minor or abs(amount) >= MOST:
        raise ValueError(f"not an amount in cents: {amount}")
    return whole


def from_minor(minor: int) -> Decimal:
    """1234 as 12.34; nothing is 0.00, never -0.00."""
    return Decimal(minor).scaleb(-2).quantize(CENT) if minor else ZERO


def in_minor_units(amount: Decimal) -> Decimal:
    """An amount in cents, half up, and never -0.00: EN 16931's rule BR-E-09 takes that for a fault."""
    return in_cents(amount) + ZERO


def share_out(total: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """``total`` spread over the weights by largest remainder, in cents: the parts add up to it exactly.

    Weights may be below zero (a discount among lines). Without any weight, the first part takes all of it; of equal
    remainders, the earlier part takes the cent.
    """
    if not weights:
        if total:
            raise ValueError("nothing to spread it over")
        return []
    whole = sum(weights, Decimal(0))
    if not whole:
        # Lines that cancel each other out: what is left is a rounding's cent, and somebody must carry it.
        return [total, *([ZERO] * (len(weights) - 1))]
    return round_together(total, [total * weight / whole for weight in weights])


def round_together(total: Decimal, exact: list[Decimal]) -> list[Decimal]:
    """Each of these amounts in cents, so that they add up to ``total``, which they do but for a rounding: by largest
    remainder; of equal remainders, the earlier one takes the cent."""
    parts = [in_minor_units(part) for part in exact]
    left = int((total - sum(parts, ZERO)) / CENT)
    step = CENT if left > 0 else -CENT
    by_need = sorted(range(len(parts)), key=lambda place: ((parts[place] - exact[place]) * step, place))
    for place in range(abs(left)):
        parts[by_need[place % len(parts)]] += step
    return [part + ZERO for part in parts]


def require_two_decimals(currency: str) -> None:
    """Raise ValidationError for a currency whose amounts have not two decimals, or that nobody knows."""
    # Babel gives what it does not know two decimals, and leaves those of coins out of use (RSD) out.
    known = currency in list_currencies("en")
    if not known or currency in _NOT_IN_HUNDREDTHS or get_currency_precision(currency) > 2:
        raise ValidationError(
            _("Invoices are written in currencies with two decimals. %s is none of them.") % currency, code="currency"
        )


# What may be written into such a column, and what is read from it.
_Set = TypeVar("_Set", contravariant=True, default="Decimal | int | str | Combinable")
_Get = TypeVar("_Get", covariant=True, default="Decimal")


class AmountField(models.BigIntegerField[_Set, _Get]):
    """An amount of two decimals, kept as whole minor units. Python gives and gets Decimal.

    ``Sum`` of it is a Decimal too; other arithmetic between such columns, in a query, is in minor units.
    """

    def from_db_value(
        self, value: int | None, expression: models.Expression, connection: BaseDatabaseWrapper
    ) -> Decimal | None:
        return None if value is None else from_minor(int(value))

    def to_python(self, value: object) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            amount = Decimal(str(value).strip())
        except InvalidOperation as error:
            raise self._no_amount(value) from error
        if not amount.is_finite():
            raise self._no_amount(value)
        return amount

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_minor(value if isinstance(value, Decimal) else Decimal(str(value)))

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is not None:
            try:
                to_minor(value)
            except ValueError as error:
                raise self._no_amount(value) from error

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        from django import forms

        return models.Field.formfield(
            self, **{"form_class": forms.DecimalField, "max_digits": 14, "decimal_places": 2, **kwargs}
        )

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    @staticmethod
    def _no_amount(value: object) -> ValidationError:
        return ValidationError(
            _("“%(value)s” is not an amount such as 120.50."), code="invalid", params={"value": str(value)[:40]}
        )
