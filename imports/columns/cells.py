"""The types of values a column's cells can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from audit.expressions import IGNORECASE, Expression
from imports.columns.base import Column, D, Formats, R, Span, clean_text
from imports.columns.identifiers import require_not_shortened
from imports.columns.moments import read_clock, read_moment
from imports.columns.numbers import LONGEST, read_money, read_number
from money import in_cents
from templates_app.yes_and_no import yes_or_no

_MIDNIGHT = (" 00:00", " 00:00:00", "T00:00:00", " 0:00")
_CURRENCY = Expression(r"[€$£¥\s]|EUR|USD|GBP|CHF", longest=60)
# 1:30 and 1:30:00, as spreadsheets and watches write how long something takes.
_HOURS_AND_MINUTES = Expression(r"(\d{1,3}):(\d{2})(?::(\d{2}))?", longest=20)
# 1 h 30 min, 1.5 hours, 90 Minuten, 1 Std.
_HOUR_WORDS, _MINUTE_WORDS = r"h|hrs?|hours?|std|stunden?", r"m|min|mins|minutes?|minuten?"
_WITH_WORDS = Expression(
    rf"(?:(?P<hours>\d{{1,3}}(?:[.,]\d{{1,2}})?) ?(?:{_HOUR_WORDS})\.?)?"
    rf"(?: ?(?P<minutes>\d{{1,5}})(?: ?(?:{_MINUTE_WORDS})\.?)?)?",
    IGNORECASE,
    longest=40,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Code(Column[R, D]):
    """An identifier, a code, a postcode or a telephone number: digits that are no number."""

    def clean(self, raw: str, formats: Formats) -> str:
        text = self.clean_words(raw)
        require_not_shortened(text)
        return text


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
    infers_decimal: bool = True

    def number(self, raw: str, formats: Formats) -> Decimal:
        """The number that a cell says. Raises ValidationError."""
        return read_number(raw, formats)

    def clean(self, raw: str, formats: Formats) -> int:
        number = self.number(raw, formats)
        if number != number.to_integral_value() or not self.least <= number <= self.most:
            raise ValidationError(
                _("is not a whole number between %(least)d and %(most)d") % {"least": self.least, "most": self.most},
                code="integer",
            )
        return int(number)


@dataclass(frozen=True, kw_only=True, eq=False)
class Minutes(Integer[R, D]):
    """How long something takes: 90, 1:30, 1.5 h, 1 Std. 30 Min."""

    def number(self, raw: str, formats: Formats) -> Decimal:
        text = " ".join(raw.split())
        if found := _HOURS_AND_MINUTES.fullmatch(text):
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            return Decimal(hours * 60 + minutes) + Decimal(seconds) / 60
        found = None if text.isdecimal() else _WITH_WORDS.fullmatch(text)
        if found is None or not (found["hours"] or found["minutes"]) or (text[-1:].isdigit() and not found["hours"]):
            return super().number(raw, formats)
        return Decimal((found["hours"] or "0").replace(",", ".")) * 60 + int(found["minutes"] or 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Money(Column[R, D]):
    infers_decimal: bool = True

    def clean(self, raw: str, formats: Formats) -> Decimal:
        amount = read_money(raw, formats)
        if abs(amount) >= Decimal(10) ** 10:
            raise ValidationError(_("is too large an amount"), code="money")
        return in_cents(amount)


@dataclass(frozen=True, kw_only=True, eq=False)
class YesOrNo(Column[R, D]):
    def clean(self, raw: str, formats: Formats) -> bool:
        said = yes_or_no(clean_text(raw))
        if said is None:
            raise ValidationError(_("is neither yes nor no"), code="yes_or_no")
        return said


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

    def clean(self, raw: str, formats: Formats) -> datetime | Span:
        return read_moment(clean_text(raw), formats)


@dataclass(frozen=True, kw_only=True, eq=False)
class EndOfWindow(Column[R, D]):
    """When a window of time ends: a moment, a time of the day of its start, or both ends of it as times."""

    def clean(self, raw: str, formats: Formats) -> datetime | time | tuple[time, time]:
        text = clean_text(raw)
        return read_clock(text) or read_moment(text, formats)
