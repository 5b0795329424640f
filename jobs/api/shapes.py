"""The values that come in: each says in the document exactly what it takes, by the pattern that checks it here."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from audit.expressions import Expression
from templates_app.values import is_storable

# From 1900 to 2199, with the days that each month has.
_LEAP = r"(?:(?:19|2[01])(?:0[48]|[2468][048]|[13579][26])|2000)-02-29"
_DAY = (
    r"(?:(?:19|2[01])[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP})"
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
DAY_PATTERN = f"^{_DAY}$"
MOMENT_PATTERN = rf"^{_DAY}T{_CLOCK}(?::[0-5][0-9](?:\.[0-9]{{1,6}})?)?(?:Z|[+-]{_CLOCK})?$"
CLOCK_PATTERN = rf"^{_CLOCK}(?::00)?$"
STORABLE = r"^[^\u0000]*$"
# At least one sign that is no white space.
SAID = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds characters that are not text")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


def Text(length: int, least: int = 0) -> Any:
    """Text of so many characters that a database can keep; with ``least``, not of white space alone."""
    checks = (AfterValidator(_storable), AfterValidator(_said)) if least else (AfterValidator(_storable),)
    field = Field(max_length=length, min_length=least, json_schema_extra={"pattern": SAID if least else STORABLE})
    return Annotated[str, field, *checks]


def _email(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError as problem:
            raise ValueError("is not an e-mail address") from problem
    return text


# An address, or nothing.
Email = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(_storable),
    AfterValidator(_email),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "maxLength": 0}, {"type": "string", "format": "email", "maxLength": 254}]}
    ),
]


def _matching(value: Any, pattern: Expression, otherwise: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(otherwise)
    return value


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(_matching(value, _DAYS, "is not a date from 1900 to 2199, such as 2026-11-28"))


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    said = _matching(value, _MOMENTS, "is not a time from 1900 to 2199, such as 2026-11-28T09:30:00+01:00")
    moment = datetime.fromisoformat(said)
    # Without a zone it is the business's own.
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    return time.fromisoformat(_matching(value, _CLOCKS, "is not a time of the day in whole minutes, such as 09:30"))


def _number(value: Any, pattern: Expression, otherwise: str) -> Any:
    if isinstance(value, bool):
        raise ValueError(otherwise)
    return Decimal(_matching(value, pattern, otherwise)) if isinstance(value, str) else value


def _degrees(most: int, pattern: Expression) -> Any:
    """A number of degrees from -most to most, as a number or as text."""
    otherwise = f"is not a number of degrees from -{most} to {most}"
    shape = [{"type": "number", "minimum": -most, "maximum": most}, {"type": "string", "pattern": pattern.pattern}]
    return Annotated[
        Decimal,
        BeforeValidator(lambda value: _number(value, pattern, otherwise)),
        Field(ge=-most, le=most),
        WithJsonSchema({"anyOf": shape}),
    ]


def _cents(value: Any) -> Any:
    """A number as JSON has it is a float: 0.07 stands for 7 cents, whatever comes behind."""
    value = _number(value, _SUMS, "is not an amount such as 120.50")
    if isinstance(value, float):
        rounded = Decimal(repr(value)).quantize(Decimal("0.01")) if abs(value) < 1e10 else Decimal(repr(value))
        return rounded if abs(float(rounded) - value) < 1e-6 else Decimal(repr(value))
    return value


# 40 characters hold the longest of them.
_DAYS, _MOMENTS, _CLOCKS = (Expression(one, longest=40) for one in (DAY_PATTERN, MOMENT_PATTERN, CLOCK_PATTERN))
_SUMS = Expression(r"^-?[0-9]{1,10}(?:\.[0-9]{1,2})?$", longest=40)
_LATITUDES = Expression(r"^-?(?:90(?:\.0{1,12})?|[1-8]?[0-9](?:\.[0-9]{1,12})?)$", longest=40)
_LONGITUDES = Expression(r"^-?(?:180(?:\.0{1,12})?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]{1,12})?)$", longest=40)

Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN}),
]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "pattern": DAY_PATTERN})
]
ClockTime = Annotated[time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "pattern": CLOCK_PATTERN})]
# A time as it goes out: in UTC, whether it was read from the database or has just been sent here.
Instant = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Money = Annotated[
    Decimal,
    BeforeValidator(_cents),
    Field(max_digits=12, decimal_places=2),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "multipleOf": 0.01, "minimum": -9999999999.99, "maximum": 9999999999.99},
                {"type": "string", "pattern": _SUMS.pattern},
            ]
        }
    ),
]
Latitude = _degrees(90, _LATITUDES)
Longitude = _degrees(180, _LONGITUDES)
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 31)]
