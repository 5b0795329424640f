"""The types of values that come in: each says in the document what exactly it takes, by the pattern that checks it.

A text of a room is an alias of its own, ``Name = Annotated[str, length(100), storable]``; with ``said`` it is not of
white space alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, WithJsonSchema
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from audit.expressions import Expression
from audit.one_line import is_storable
from audit.wall_clock import NotOneMoment, moment_at
from money import in_cents

# From 2000 to 2199, with the days that each month has. Before 2000 there are only slips, such as seconds since 1970.
_LEAP = r"(?:2[01](?:0[48]|[2468][048]|[13579][26])|2000)-02-29"
_DAY = (
    r"(?:2[01][0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP})"
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
DAY_PATTERN = f"^{_DAY}$"
# No clock is further away, and no database keeps it (``audit.wall_clock.can_be_kept``).
_OFFSET = r"(?:0[0-9]|1[0-5]):[0-5][0-9]"
MOMENT_PATTERN = rf"^{_DAY}T{_CLOCK}(?::[0-5][0-9](?:\.[0-9]{{1,6}})?)?(?:Z|[+-]{_OFFSET})?$"
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


# What a database can keep, and what is not of white space alone.
storable, said = AfterValidator(_storable), AfterValidator(_said)


def length(most: int, least: int = 0) -> FieldInfo:
    """How long a text may be, for an alias with ``storable``; one of 1 character at least also needs ``said``."""
    pattern: JsonDict = {"pattern": SAID if least else STORABLE}
    field: FieldInfo = Field(max_length=most, min_length=least, json_schema_extra=pattern)
    return field


# An id, or "external:" and an external ID.
Reference = Annotated[str, length(100), storable]
RecordId = Annotated[str, length(30), storable]
ExternalId = Annotated[str, length(80), storable]
SearchWords = Annotated[str, length(100), storable]


@dataclass(frozen=True)
class OneOf:
    """One of certain values, as a Literal has them: ``State = Annotated[str, OneOf(tuple(JobStatus.values))]``."""

    values: tuple[str | int, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.values))


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
    storable,
    AfterValidator(_email),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "maxLength": 0}, {"type": "string", "format": "email", "maxLength": 254}]}
    ),
]


def _matching(value: object, pattern: Expression, otherwise: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(otherwise)
    return value


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(_matching(value, _DAYS, "is not a date from 2000 to 2199, such as 2026-11-28"))


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    written = _matching(value, _MOMENTS, "is not a time from 2000 to 2199, such as 2026-11-28T09:30:00+01:00")
    moment = datetime.fromisoformat(written)
    # Without a zone it is the business's own.
    try:
        return moment if moment.tzinfo else moment_at(moment)
    except NotOneMoment as problem:
        raise ValueError(problem.written) from None


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    return time.fromisoformat(_matching(value, _CLOCKS, "is not a time of the day in whole minutes, such as 09:30"))


def _number(value: object, pattern: Expression, otherwise: str) -> object:
    if isinstance(value, bool):
        raise ValueError(otherwise)
    return Decimal(_matching(value, pattern, otherwise)) if isinstance(value, str) else value


def _degrees(most: int, pattern: Expression) -> tuple[Callable[[object], object], WithJsonSchema]:
    """How a number of degrees from -most to most is read, a number or a text, and how the document says it."""
    otherwise = f"is not a number of degrees from -{most} to {most}"
    shape = [{"type": "number", "minimum": -most, "maximum": most}, {"type": "string", "pattern": pattern.pattern}]

    def read(value: object) -> object:
        value = _number(value, pattern, otherwise)
        # 1.4e-160 is a number of the document's as well: what no map shows is rounded away (six places are 11 cm).
        if isinstance(value, float) and abs(value) <= most:
            return round(Decimal(repr(value)), 6)
        return value

    return read, WithJsonSchema({"anyOf": shape})


def _cents(value: object) -> object:
    """A number as JSON has it is a float: 0.07 stands for 7 cents, whatever comes behind."""
    value = _number(value, _SUMS, "is not an amount such as 120.50")
    if isinstance(value, float):
        rounded = in_cents(Decimal(repr(value))) if abs(value) < 1e10 else Decimal(repr(value))
        return rounded if abs(float(rounded) - value) < 1e-6 else Decimal(repr(value))
    return value


# 40 characters hold the longest of them.
_DAYS, _MOMENTS, _CLOCKS = (Expression(one, longest=40) for one in (DAY_PATTERN, MOMENT_PATTERN, CLOCK_PATTERN))
_SUMS = Expression(r"^-?[0-9]{1,10}(?:\.[0-9]{1,2})?$", longest=40)
_LATITUDES = Expression(r"^-?(?:90(?:\.0{1,12})?|[1-8]?[0-9](?:\.[0-9]{1,12})?)$", longest=40)
_LONGITUDES = Expression(r"^-?(?:180(?:\.0{1,12})?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]{1,12})?)$", longest=40)

DateTime = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN}),
]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "pattern": DAY_PATTERN})
]
ClockTime = Annotated[time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "pattern": CLOCK_PATTERN})]
# A time as it goes out: in UTC, whether it was read from the database or has just been sent here.
UtcDateTime = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Amount = Annotated[
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
_latitude, _latitude_shape = _degrees(90, _LATITUDES)
_longitude, _longitude_shape = _degrees(180, _LONGITUDES)
Latitude = Annotated[Decimal, BeforeValidator(_latitude), Field(ge=-90, le=90), _latitude_shape]
Longitude = Annotated[Decimal, BeforeValidator(_longitude), Field(ge=-180, le=180), _longitude_shape]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 31)]
