"""The types of values a column's cells can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from audit.expressions import Expression
from imports.columns.base import Column, D, Formats, R, clean_text
from imports.columns.values import LONGEST, clean_moment, clean_number
from money import in_cents

_MIDNIGHT = (" 00:00", " 00:00:00", "T00:00:00", " 0:00")
_CURRENCY = Expression(r"[€$£¥\s]|EUR|USD|GBP|CHF", longest=60)


@dataclass(frozen=True, kw_only=True, eq=False)
class Email(Column[R, D]):
    max_length: int = 254

    def clean(self, raw: str, formats: Formats) -> str:
        text = self.clean_words(raw).lower()
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(_("is not an e-mail address"), code="email") from None
        return text


@dataclass(frozen=True, kw_only=True, eq=False)
class Integer(Column[R, D]):
    least: int = 0
    most: int = 2_000_000_000

    def clean(self, raw: str, formats: Formats) -> int:
        number = clean_number(raw, formats)
        if number != number.to_integral_value() or not self.least <= number <= self.most:
            raise ValidationError(
                _("is not a whole number between %(least)d and %(most)d") % {"least": self.least, "most": self.most},
                code="integer",
            )
        return int(number)


@dataclass(frozen=True, kw_only=True, eq=False)
class Money(Column[R, D]):
    def clean(self, raw: str, formats: Formats) -> Decimal:
        amount = clean_number(_CURRENCY.sub("", raw), formats)
        if abs(amount) >= Decimal(10) ** 10:
            raise ValidationError(_("is too large an amount"), code="money")
        return in_cents(amount)


@dataclass(frozen=True, kw_only=True, eq=False)
class Degrees(Column[R, D]):
    most: int = 180

    def clean(self, raw: str, formats: Formats) -> Decimal:
        try:
            if len(raw) > LONGEST:
                raise InvalidOperation
            degrees = Decimal(clean_text(raw).replace(",", "."))
            if abs(degrees) > self.most:
                raise InvalidOperation
        except InvalidOperation:
            raise ValidationError(
                _("is not a number of degrees between -%(most)d and %(most)d") % {"most": self.most}, code="degrees"
            ) from None
        return degrees.quantize(Decimal("0.000001"))


@dataclass(frozen=True, kw_only=True, eq=False)
class DateTime(Column[R, D]):
    # A date and a time may stand in two columns of the file.
    joins: str = " "

    def join(self, parts: Sequence[str]) -> str:
        """A date that a program wrote with the time of midnight, before the time itself, says only the day."""
        if len(parts) > 1 and parts[0].endswith(_MIDNIGHT):
            parts = [parts[0].replace("T", " ").split(" ")[0], *parts[1:]]
        return super().join(parts)

    def clean(self, raw: str, formats: Formats) -> datetime:
        return clean_moment(clean_text(raw), formats)
