"""Numbers and dates as people write them, understood where they can mean one thing only."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audit.expressions import VERBOSE, Expression
from imports.choices import Dates, DecimalMark
from imports.columns.base import Formats, clean_text

# A date without a time means this hour of the business's day.
START_OF_DAY = time(8)

# No number and no date is written longer.
LONGEST = 60
_ONE_MARK = Expression(r"[-+]?\d{1,3}[.,]\d{3}", longest=LONGEST)
_NUMBER = Expression(r"[-+]?\d[\d.,'’\s]*|[-+]?[.,]\d+", longest=LONGEST)
_BETWEEN_THOUSANDS = Expression(r"['’\s]", longest=LONGEST)


def clean_number(raw: str, formats: Formats) -> Decimal:
    """A number as people write it: 1234.5, 1,234.50, 1.234,50, 1 234,50. Raises ValidationError where it is unclear."""
    text = clean_text(raw)
    if not _NUMBER.fullmatch(text) or len(text) > 40:
        raise ValidationError(_("is not a number"), code="number")
    text = _BETWEEN_THOUSANDS.sub("", text)
    point, comma = text.rfind("."), text.rfind(",")
    if formats.decimal == DecimalMark.POINT or (formats.decimal == DecimalMark.AUTO and comma < 0):
        decimal = "."
        unclear = formats.decimal == DecimalMark.AUTO and text.count(".") > 1
    elif formats.decimal == DecimalMark.COMMA or (formats.decimal == DecimalMark.AUTO and comma > point):
        decimal = ","
        unclear = formats.decimal == DecimalMark.AUTO and point < 0 and bool(_ONE_MARK.fullmatch(text))
    else:
        decimal, unclear = ".", False
    if unclear and text.count(".") > 1:
        decimal, unclear = ",", False
    if unclear:
        raise ValidationError(
            _("can be two numbers: say in step 2 how the file writes its numbers"), code="unclear_number"
        )
    text = text.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValidationError(_("is not a number"), code="number") from None


# Blanks in a row have become one before it is tried.
_PARTS = Expression(
    r"""(?P<a>\d{1,4})[ ]?(?P<mark>[./\- ])[ ]?(?P<b>\d{1,2}|[^\W\d_]{3,12}\.?)[ ]?[./\- ,][ ]?(?P<c>\d{1,4})\.?
        (?:[T, ]{1,3}(?P<h>\d{1,2})[:.h](?P<m>\d{2})?(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?[ ]?
        (?P<half>[AaPp]\.?[Mm]\.?)?[ ]?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?[ ]?(?:Uhr|h)?)?""",
    VERBOSE,
    longest=LONGEST,
)
# How most programs write it.
_ISO = Expression(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})", longest=LONGEST)
_COMPACT = Expression(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2}):?(\d{2})(?::?(\d{2}))?)?", longest=LONGEST)
_SECONDS = Expression(r"1\d{9}(\d{3})?", longest=LONGEST)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier", "feb february februar fevrier", "mar march mär märz mrz mars",
            "apr april avril", "may mai", "jun june juni juin", "jul july juli juillet", "aug august aout",
            "sep sept september septembre", "oct october okt oktober octobre", "nov november novembre",
            "dec december dez dezember decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


def clean_moment(text: str, formats: Formats) -> datetime:
    """A date, with or without a time, as an aware moment; a time without a zone is the business's own.

    Raises ValidationError where it is none, or could be two.
    """
    if iso := _ISO.fullmatch(text):
        on_year, on_month, on_day, at_hour, at_minute = map(int, iso.groups())
        return _moment(formats.zone, on_year, on_month, on_day, at_hour, at_minute, 0)
    if formats.dates == Dates.EPOCH or (formats.dates == Dates.AUTO and _SECONDS.fullmatch(text)):
        return _from_epoch(text)
    if compact := _COMPACT.fullmatch(text):
        year, month, day = map(int, compact.groups()[:3])
        hour, minute, second = (int(part) if part else None for part in compact.groups()[3:])
        return _moment(formats.zone, year, month, day, hour, minute, second)
    not_one = _("is not a date")
    parts = _PARTS.fullmatch(" ".join(text.split())) if len(text) <= LONGEST else None
    if parts is None:
        raise ValidationError(not_one, code="date")
    first, middle, last = parts["a"], parts["b"].rstrip(".").casefold(), parts["c"]
    if not middle.isdigit():
        if middle not in _MONTHS:
            raise ValidationError(not_one, code="date")
        year, month, day = int(last), _MONTHS[middle], int(first)
        if len(first) == 4:
            year, day = int(first), int(last)
    elif len(first) > 2:
        year, month, day = int(first), int(middle), int(last)
    else:
        day, month = _day_and_month(int(first), int(middle), parts["mark"], formats)
        year = int(last)
    if year < 100:
        year += 2000
    hour = int(parts["h"]) if parts["h"] else None
    if hour is not None and parts["half"]:
        hour = hour % 12 + (12 if parts["half"][0] in "Pp" else 0)
    return _moment(formats.zone, year, month, day, hour, int(parts["m"] or 0), int(parts["s"] or 0), parts["zone"])


def _day_and_month(first: int, second: int, mark: str, formats: Formats) -> tuple[int, int]:
    if formats.dates == Dates.DMY:
        return first, second
    if formats.dates == Dates.MDY:
        return second, first
    if first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    # Points are how day-first countries write; nobody writes months first with them.
    if mark == ".":
        return first, second
    raise ValidationError(_("can be two dates: say in step 2 how the file writes its dates"), code="unclear_date")


def _from_epoch(text: str) -> datetime:
    try:
        seconds = float(text)
        if abs(seconds) > 1e11:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValidationError(_("is not a number of seconds since 1970"), code="date") from None


def _moment(
    ours: tzinfo,
    year: int,
    month: int,
    day: int,
    hour: int | None,
    minute: int | None,
    second: int | None,
    zone: str | None = None,
) -> datetime:
    try:
        when = date(year, month, day)
        at = START_OF_DAY if hour is None else time(hour, minute or 0, second or 0)
        if not 1900 <= year <= 2200:
            raise ValueError
        naive = datetime.combine(when, at)
        if zone:
            return datetime.fromisoformat(naive.isoformat() + ("+00:00" if zone in ("Z", "UTC") else zone))
        return naive.replace(tzinfo=ours)
    except (ValueError, OverflowError):
        raise ValidationError(_("is not a date"), code="date") from None
