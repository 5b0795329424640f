"""Dates and times as people and programs write them, understood where they can mean one thing only.

The one reader of dates, times and windows of time. Month names and days of the week are known in English and German,
long and short; what could be two dates is asked, never guessed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.expressions import Expression, Match
from audit.wall_clock import NotOneMoment, moment_after, moment_at
from imports.choices import Dates
from imports.columns.base import Formats, Span
from jobs.windows import LONGEST_NIGHT

# A date without a time means this hour of the business's day.
START_OF_DAY = time(8)
# No date is written longer.
LONGEST = 80
# Whatever lies outside is no year.
_YEARS = range(1900, 2200)
# How Excel counts days: a bare number of five digits in a column of dates. From 1954 to 2119, so that its neighbours,
# postcodes for one, are as a rule outside the span that is taken without a question.
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 80_000)


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of the day; ``hour`` 24 is the next day's midnight."""

    hour: int
    minute: int = 0
    second: int = 0

    def on(self, day: date) -> datetime:
        """That time on a day, naive. Raises ValueError, OverflowError where there is none."""
        if (self.hour, self.minute, self.second) == (24, 0, 0):
            return datetime.combine(day + timedelta(days=1), time(0))
        return datetime.combine(day, time(self.hour, self.minute, self.second))


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner jän janvier", "feb february februar feber fevrier",
            "mar march mär märz maerz mrz mars", "apr april avril", "may mai", "jun june juni juin",
            "jul july juli juillet", "aug august aout", "sep sept september septembre",
            "oct october okt oktober octobre", "nov november novembre", "dec december dez dezember decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "mo mon monday montag", "di die tu tue tues tuesday dienstag", "mi mit we wed weds wednesday mittwoch",
            "do don th thu thur thurs thursday donnerstag", "fr fre fri friday freitag",
            "sa sam sat saturday samstag sonnabend", "so son su sun sunday sonntag",
        )
    )
    for name in names.split()
}  # fmt: skip
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "mez": 1, "cet": 1, "mesz": 2, "cest": 2}

# How most programs write it.
_ISO = Expression(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})", longest=LONGEST)
_COMPACT = Expression(r"(\d{4})(\d{2})(\d{2})(?:[tT]?(\d{2}):?(\d{2})(?::?(\d{2}))?([zZ])?)?", longest=LONGEST)
_SECONDS = Expression(r"1\d{9}(\d{3})?", longest=LONGEST)
_SERIAL = Expression(r"(\d{5})(?:[.,](\d{1,15}))?", longest=LONGEST)
_WEEK = Expression(r"(?:\d{4}-?w\d{1,2}(?:-?\d)?|(?:kw|cw|week|woche)\.? ?\d{1,2}\b.*)", longest=LONGEST)
_WORD = Expression(r"[^\W\d_]+", longest=LONGEST)
_REMARK = Expression(r" ?\([^()]*\)$", longest=LONGEST)

_MONTH_NAME = r"[^\W\d_]{3,10}"
_YEAR = r"(?P<year>\d{4}|['’]?\d{2})(?!\d)"
# The shapes of a date, each anchored at its beginning; what may stand behind is a time.
_YEAR_FIRST = Expression(
    rf"(?P<year>\d{{4}}) ?(?P<mark>[-/. ]) ?(?P<a>\d{{1,2}}|{_MONTH_NAME})\.? ?[-/. ] ?(?P<b>\d{{1,2}})(?!\d)\.?",
    longest=LONGEST,
)
_NUMBERS = Expression(
    rf"(?P<a>\d{{1,2}})(?P<mark> ?[-/.] ?| )(?P<b>\d{{1,2}})(?: ?[-/.] ?| ){_YEAR}\.?", longest=LONGEST
)  # fmt: skip
_DAY_FIRST = Expression(
    rf"(?P<a>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of )?[-/. ]? ?(?P<b>{_MONTH_NAME})\.?,?[-/. ]? ?{_YEAR}\.?",
    longest=LONGEST,
)
_MONTH_FIRST = Expression(
    rf"(?P<b>{_MONTH_NAME})\.?[-/ ]?(?P<a>\d{{1,2}})(?:st|nd|rd|th|\.)?(?:, ?|[-/ ]){_YEAR}\.?", longest=LONGEST
)
_SHAPES = (_YEAR_FIRST, _NUMBERS, _DAY_FIRST, _MONTH_FIRST)
# Thu Mar 5 09:00:00 2026, with or without a zone before the year: how C, Unix and some services write it.
_YEAR_LAST = Expression(rf"(?P<day>{_MONTH_NAME} \d{{1,2}}),? (?P<time>\d.*) (?P<year>\d{{4}})", longest=LONGEST)

_TIME = (
    r"(?P<h{n}>\d{{1,2}})(?:(?:[:.h]| ?uhr ?)(?P<m{n}>\d{{2}})(?::(?P<s{n}>\d{{2}})(?:[.,]\d{{1,9}})?)?"
    r"|(?<=\d\d)(?P<c{n}>\d{{2}}))?(?P<mark{n}> ?(?:(?P<half{n}>[ap])\.?m\.?|uhr|hrs?|hours|h|o['’]clock))?"
)
_ZONE = r"(?: ?(?P<zone>z|utc|gmt|mez|mesz|cet|cest))?(?P<offset> ?[+-]\d{2}(?::?\d{2})?)?"
_CLOCK = Expression(_TIME.format(n=1) + _ZONE, longest=LONGEST)
_WINDOW = Expression(
    r"(?:from |von |between |zwischen )?"
    + _TIME.format(n=1)
    + r" ?(?:-|to|bis|until|till|and|und) ?"
    + _TIME.format(n=2)
    + r"(?: ?(?P<zone>z|utc|gmt|mez|mesz|cet|cest))?",
    longest=LONGEST,
)
# A date that a program wrote with its midnight, joined with the time from another column.
_MIDNIGHT = Expression(r"00:00(?::00(?:\.0{1,9})?)? (?=\d)", longest=LONGEST)
_BEFORE_TIME = Expression(r"(?:[,;]|t(?=\d))? ?(?:at |um |@ ?|- )?", longest=LONGEST)
_BEFORE_DATE = Expression(r"(?:am|den|on|the) ", longest=LONGEST)
_DASHES = dict.fromkeys(
    map(ord, "\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{FIGURE DASH}\N{NON-BREAKING HYPHEN}\N{HYPHEN}"), "-"
)
_BETWEEN_MOMENTS = (" - ", " bis ", " to ", " until ", "/")


def read_moment(text: str, formats: Formats) -> datetime:
    """A date, with or without a time, as an aware moment; a time without a zone is the business's own.

    Raises ValidationError where it is none, names two, could be two dates ("unclear_date") or lies outside the span
    that is taken without a question ("far_date").
    """
    span = read_span(text, formats)
    if span.end is not None:
        raise ValidationError(_("is a span of time, and one moment is needed"), code="date")
    return span.start


def read_span(text: str, formats: Formats) -> Span:
    """The same with the end of a window, where there is one: 10.12.2026 08:00-10:00."""
    if iso := _ISO.fullmatch(text):
        year, month, day, hour, minute = map(int, iso.groups())
        try:
            start = datetime(year, month, day, hour, minute)
        except ValueError:
            return _within(_understood(text, formats), formats)
        if year not in _YEARS:
            raise _no_date()
        return _within(Span(_at(start, formats.zone)), formats)
    return _within(_understood(text, formats), formats)


def read_clock(text: str) -> tuple[time, time] | time | None:
    """A time of the day without a date, or the two of a window; None for anything else. 24:00 is midnight."""
    text = _plain(text)
    if (found := _CLOCK.fullmatch(text)) and not (found["zone"] or found["offset"]):
        return _time_of(_clock(found, 1)) if found["m1"] or found["c1"] or found["mark1"] else None
    if (found := _WINDOW.fullmatch(text)) and not found["zone"]:
        first, last = _clocks(found)
        return _time_of(first), _time_of(last)
    return None


def _plain(text: str) -> str:
    """As the expressions know it: small letters, one blank, one dash, no remark behind."""
    text = unicodedata.normalize("NFC", " ".join(text.split())).translate(_DASHES).lower()
    return _REMARK.sub("", text) if text.endswith(")") else text


def _within(span: Span, formats: Formats) -> Span:
    first, last = formats.earliest, formats.latest
    if first is not None and last is not None and not first <= span.start.date() <= last:
        raise ValidationError(
            _("is not between %(first)s and %(last)s: check the year")
            % {"first": date_format(first, "j M Y"), "last": date_format(last, "j M Y")},
            code="far_date",
        )
    return span


def _understood(raw: str, formats: Formats) -> Span:
    text = raw.strip()
    if len(text) > LONGEST:
        raise _no_date()
    if formats.dates == Dates.EPOCH or (formats.dates == Dates.AUTO and _SECONDS.fullmatch(text)):
        return Span(_from_epoch(text))
    if compact := _COMPACT.fullmatch(text):
        year, month, day = map(int, compact.groups()[:3])
        hour, minute, second = (int(part) if part else 0 for part in compact.groups()[3:6])
        clock = _Clock(hour, minute, second) if compact[4] else None
        return Span(_moment(UTC if compact[7] else formats.zone, _day(year, month, day), clock))
    if (serial := _SERIAL.fullmatch(text)) and int(serial[1]) in _EXCEL_DAYS:
        return Span(_from_serial(serial, formats))
    text = _plain(text)
    if _WEEK.fullmatch(text):
        raise ValidationError(_("is a week, and a day is needed"), code="date")
    weekday, text = _without_weekday(text)
    try:
        return _date_and_time(text, weekday, formats)
    except _NotADate:
        pass
    for between in _BETWEEN_MOMENTS:
        first, found, last = text.partition(between)
        if found and (between != "/" or "t" in first):
            try:
                return _from_to(first, last, formats)
            except _NotADate:
                continue
    raise _no_date()


class _NotADate(Exception):
    """These words are none, in this order."""


def _from_to(first: str, last: str, formats: Formats) -> Span:
    """Two moments of one day or night."""
    start, end = (_date_and_time(_without_weekday(part)[1], None, formats) for part in (first, last))
    if start.end is not None or end.end is not None:
        raise _NotADate
    if end.start <= start.start:
        raise ValidationError(_("ends before it begins"), code="window")
    return Span(start.start, end.start)


def _without_weekday(text: str) -> tuple[int | None, str]:
    """The day of the week that is named first (0 is Monday), and the rest."""
    for word in _WORD.finditer(text):
        if word[0] in _WEEKDAYS:
            before, after = text[: word.start()].rstrip(" ,("), text[word.end() :].lstrip(" .,)")
            return _WEEKDAYS[word[0]], " ".join(filter(None, (before, after)))
    return None, text


def _date_and_time(text: str, weekday: int | None, formats: Formats) -> Span:
    """Raises _NotADate where it is neither a date, nor one with a time before or behind it."""
    for found, rest in _dates_in(text):
        clocks = _clocks_of(rest, is_iso=found.re is _YEAR_FIRST.compiled and found["mark"] == "-")
        if clocks is None:
            continue
        day = _day_of(found, weekday, formats)
        if weekday is not None and day.weekday() != weekday:
            raise ValidationError(_("is a %s: check the day") % WEEKDAYS[day.weekday()], code="date")
        start, end, zone = clocks
        begin = _moment(zone or formats.zone, day, start)
        if end is None:
            return Span(begin)
        if end.hour == 24:
            return Span(begin, _moment(zone or formats.zone, day, end))
        return Span(begin, _window_end(begin, _time_of(end), zone or formats.zone))
    raise _NotADate


def _dates_in(text: str) -> Iterator[tuple[Match, str]]:
    """Each way to take a date from the beginning or the end of a text, with the rest."""
    if last := _YEAR_LAST.fullmatch(text):
        text = f"{last['day']} {last['year']} {last['time']}"
    start = before.end() if (before := _BEFORE_DATE.match(text)) else 0
    for shape in _SHAPES:
        if found := shape.compiled.match(text, start):
            yield found, text[found.end() :]
    for place, sign in enumerate(text):
        if sign == " ":
            for shape in _SHAPES:
                if found := shape.compiled.fullmatch(text, place + 1):
                    yield found, text[:place].rstrip(",")


def _window_end(start: datetime, end: time, zone: tzinfo) -> datetime:
    """Where the window ends. Raises ValidationError where it would be none."""
    begin = start.replace(tzinfo=None)
    last = datetime.combine(begin.date(), end)
    if last <= begin:
        last += timedelta(days=1)
        if last - begin > LONGEST_NIGHT:
            raise ValidationError(_("ends before it begins"), code="window")
    try:
        return moment_after(start, last, zone)
    except NotOneMoment as problem:
        raise ValidationError(problem.written, code="date") from None


_Clocks = tuple[_Clock | None, _Clock | None, tzinfo | None]


def _clocks_of(rest: str, *, is_iso: bool) -> _Clocks | None:
    """The time behind (or before) a date: from, to, zone; None where it is no time. ``is_iso``: the date is."""
    if not rest.strip(" ,;"):
        return None, None, None
    has_t = rest.startswith("t")
    lead = _BEFORE_TIME.match(rest)
    time_part = (rest[lead.end() :] if lead else rest).strip()
    time_part = _MIDNIGHT.sub("", time_part) if time_part.startswith("00:00") else time_part
    if found := _CLOCK.fullmatch(time_part):
        offset = (found["offset"] or "").strip()
        # A bare -10:00 is a zone in a timestamp of a program. Behind 08:00 that a person wrote it ends a window.
        is_stamp = found["zone"] or found["s1"] or (is_iso and has_t)
        if not offset.startswith("-") or is_stamp:
            if not (found["m1"] or found["c1"] or found["mark1"]):
                return None
            return _clock(found, 1), None, _zone(found["zone"], offset)
    if found := _WINDOW.fullmatch(time_part):
        start, end = _clocks(found)
        return start, end, _zone(found["zone"], "")
    return None


def _clocks(found: Match) -> tuple[_Clock, _Clock]:
    """Both ends of a window. Half of the day that is said at its end holds for its beginning, if that comes before."""
    end, half = _clock(found, 2), found["half1"] or found["half2"]
    start = _clock(found, 1, half)
    if not found["half1"] and found["half2"] and (start.hour, start.minute) >= (end.hour, end.minute):
        start = _clock(found, 1, "a" if half == "p" else "p")
    return start, end


def _clock(found: Match, number: int, half: str = "") -> _Clock:
    """One time of a match. Raises ValidationError where there is no such time."""
    hour = int(found[f"h{number}"])
    minute = int(found[f"m{number}"] or found[f"c{number}"] or 0)
    second = int(found[f"s{number}"] or 0)
    half = found[f"half{number}"] or half
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half == "a":
        raise _no_date()
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise ValidationError(_("has no such time of the day"), code="date")
    return _Clock(hour, minute, second)


def _time_of(clock: _Clock) -> time:
    return time(clock.hour % 24, clock.minute, clock.second)


def _zone(name: str | None, offset: str) -> tzinfo | None:
    if offset:
        digits = offset[1:].replace(":", "").ljust(4, "0")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if shift > timedelta(hours=14):
            raise _no_date()
        return timezone(-shift if offset.startswith("-") else shift)
    return timezone(timedelta(hours=_ZONES[name])) if name else None


def _day_of(found: Match, weekday: int | None, formats: Formats) -> date:
    a, b, year = found["a"], found["b"], _year(found["year"], formats)
    if found.re is _YEAR_FIRST.compiled:
        return _day(year, _month(a), int(b))
    if found.re is not _NUMBERS.compiled:
        return _day(year, _month(b), int(a))
    first, second, last = int(a), int(b), found["year"]
    if formats.dates == Dates.YMD and len(last) <= 2:
        return _day(_year(a, formats), second, int(last.lstrip("'’")))
    if formats.dates == Dates.DMY:
        return _day(year, second, first)
    if formats.dates == Dates.MDY:
        return _day(year, first, second)
    # Points are how day-first countries write; nobody writes months first with them.
    if first > 12 or first == second or (second <= 12 and "." in found["mark"]):
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    both = [_day(year, second, first), _day(year, first, second)]
    fitting = [day for day in both if day.weekday() == weekday]
    if len(fitting) == 1:
        return fitting[0]
    raise ValidationError(_("can be two dates: say in step 2 how the file writes its dates"), code="unclear_date")


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    if written not in _MONTHS:
        raise _no_date()
    return _MONTHS[written]


def _year(written: str, formats: Formats) -> int:
    """A year; of two digits, the one that is nearest to ours."""
    number = int(written.lstrip("'’"))
    if len(written) == 4:
        return number
    return min((1900 + number, 2000 + number, 2100 + number), key=lambda year: abs(year - formats.today.year))


def _day(year: int, month: int, day: int) -> date:
    try:
        if year not in _YEARS:
            raise ValueError
        return date(year, month, day)
    except ValueError:
        raise _no_date() from None


def _moment(zone: tzinfo, day: date, clock: _Clock | None) -> datetime:
    try:
        wall = (clock or _Clock(START_OF_DAY.hour)).on(day)
    except (ValueError, OverflowError):
        raise _no_date() from None
    return _at(wall, zone)


def _at(wall: datetime, zone: tzinfo) -> datetime:
    """The one moment at which the clocks of a zone show a time. Raises ValidationError where they skip or repeat it."""
    try:
        return moment_at(wall, zone)
    except NotOneMoment as problem:
        raise ValidationError(problem.written, code="date") from None


def _from_serial(serial: Match, formats: Formats) -> datetime:
    day = _EXCEL_ZERO + timedelta(days=int(serial[1]))
    if not serial[2]:
        return _moment(formats.zone, day, None)
    minutes = round(float(f"0.{serial[2]}") * 24 * 60)
    return _moment(formats.zone, day, _Clock(minutes // 60, minutes % 60))


def _from_epoch(text: str) -> datetime:
    try:
        seconds = float(text)
        if abs(seconds) > 1e11:
            seconds /= 1000
        moment = datetime.fromtimestamp(seconds, UTC)
        if moment.year not in _YEARS:
            raise ValueError
        return moment
    except (ValueError, OverflowError, OSError):
        raise ValidationError(_("is not a number of seconds since 1970"), code="date") from None


def _no_date() -> ValidationError:
    return ValidationError(_("is not a date"), code="date")
