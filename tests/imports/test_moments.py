"""A date is understood where it can mean one thing, in English and German; where it can mean two, it is asked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from imports.choices import Dates
from imports.columns.base import Formats
from imports.columns.moments import read_clock, read_moment, read_span

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 29)


def formats(**said):
    return Formats(**({"zone": BERLIN, "today": TODAY, "earliest": None, "latest": None} | said))


def said(span):
    start, end = span.start, span.end
    return f"{start:%Y-%m-%d %H:%M%z}" + (f" .. {end:%d %H:%M}" if end else "")


MOMENTS = {
    # Years first, as programs write.
    "2026-12-10": "2026-12-10 08:00+0100",
    "2026-12-10 08:30": "2026-12-10 08:30+0100",
    "2026-12-10T08:30:15.25": "2026-12-10 08:30+0100",
    "2026/12/10 8:30": "2026-12-10 08:30+0100",
    "2026.12.10": "2026-12-10 08:00+0100",
    "2026 March 5": "2026-03-05 08:00+0100",
    "20261210": "2026-12-10 08:00+0100",
    "20261210T083000Z": "2026-12-10 08:30+0000",
    # Zones: in a timestamp.
    "2026-12-10T08:00-10:00": "2026-12-10 08:00-1000",
    "2026-12-10T08:00:00Z": "2026-12-10 08:00+0000",
    "2026-12-10 08:00:00+0100": "2026-12-10 08:00+0100",
    "2026-12-10 08:00:00-05": "2026-12-10 08:00-0500",
    "10.12.2026 08:00+01:00": "2026-12-10 08:00+0100",
    "10.12.2026 08:00 MEZ": "2026-12-10 08:00+0100",
    "Thu, 05 Mar 2026 09:00:00 GMT": "2026-03-05 09:00+0000",
    "Thu, 05 Mar 2026 09:00:00 -0500": "2026-03-05 09:00-0500",
    "Thu Mar 05 2026 09:00:00 GMT+0100 (Central European Standard Time)": "2026-03-05 09:00+0100",
    "Wed Aug 27 13:08:45 +0000 2025": "2025-08-27 13:08+0000",
    # Day first, month first, names of months and days.
    "31.12.2026": "2026-12-31 08:00+0100",
    "1.2.2026": "2026-02-01 08:00+0100",
    "31/12/2026": "2026-12-31 08:00+0100",
    "12/31/2026 8:00 AM": "2026-12-31 08:00+0100",
    "5.3.26": "2026-03-05 08:00+0100",
    "Mar 5, 2026": "2026-03-05 08:00+0100",
    "March 5, 2026 3:00 PM": "2026-03-05 15:00+0100",
    "March 5, 2026, 3:00\N{NARROW NO-BREAK SPACE}PM": "2026-03-05 15:00+0100",
    "Thu, 05 Mar 2026 09:00": "2026-03-05 09:00+0100",
    "Thursday, March 5th, 2026 at 3pm": "2026-03-05 15:00+0100",
    "5th of March 2026": "2026-03-05 08:00+0100",
    "5-Mar-26": "2026-03-05 08:00+0100",
    "05MAR2026": "2026-03-05 08:00+0100",
    "5 March '26": "2026-03-05 08:00+0100",
    "Do 05.03.2026": "2026-03-05 08:00+0100",
    "Do., 5. März 2026, 9 Uhr": "2026-03-05 09:00+0100",
    "Donnerstag, den 5. Ma\u0308rz 2026 um 9:30 Uhr": "2026-03-05 09:30+0100",
    "05.03.2026 (Do)": "2026-03-05 08:00+0100",
    "5. Jänner 2026": "2026-01-05 08:00+0100",
    "5 Mrz. 2026": "2026-03-05 08:00+0100",
    "Thu Mar  5 09:00:00 2026": "2026-03-05 09:00+0100",
    # The day of the week tells which it is.
    "Thu 05/03/2026": "2026-03-05 08:00+0100",
    # Times of the day.
    "31.12.2026 24:00": "2027-01-01 00:00+0100",
    "10.12.2026 0830": "2026-12-10 08:30+0100",
    "10.12.2026 9h30": "2026-12-10 09:30+0100",
    "10.12.2026 12:15 am": "2026-12-10 00:15+0100",
    "10.12.2026 12:15 p.m.": "2026-12-10 12:15+0100",
    "10.12.2026 8.30 Uhr": "2026-12-10 08:30+0100",
    "08:30 10.12.2026": "2026-12-10 08:30+0100",
    "10.12.2026 00:00:00 08:30": "2026-12-10 08:30+0100",
    # How spreadsheets and programs count.
    "46000": "2025-12-09 08:00+0100",
    "46000.5": "2025-12-09 12:00+0100",
    "46000,354166666664": "2025-12-09 08:30+0100",
    "1798675200": "2026-12-31 00:00+0000",
    "1798675200000": "2026-12-31 00:00+0000",
    # Far away, which is asked about elsewhere.
    "31/12/99": "1999-12-31 08:00+0100",
    "01.01.1970": "1970-01-01 08:00+0100",
    "2126-12-10": "2126-12-10 08:00+0100",
}
WINDOWS = {
    "10.12.2026 08:00-10:00": "2026-12-10 08:00+0100 .. 10 10:00",
    "10.12.2026 08:00 – 10:00 Uhr": "2026-12-10 08:00+0100 .. 10 10:00",
    "2026-12-10 08:00-10:00": "2026-12-10 08:00+0100 .. 10 10:00",
    "10.12.2026 8-10 Uhr": "2026-12-10 08:00+0100 .. 10 10:00",
    "10.12.2026 von 8 bis 10": "2026-12-10 08:00+0100 .. 10 10:00",
    "10.12.2026 zwischen 08:00 und 10:00 Uhr": "2026-12-10 08:00+0100 .. 10 10:00",
    "Dec 10, 2026 between 8 and 10": "2026-12-10 08:00+0100 .. 10 10:00",
    "Dec 10, 2026, 8–10 am": "2026-12-10 08:00+0100 .. 10 10:00",
    "Dec 10, 2026 10-2 pm": "2026-12-10 10:00+0100 .. 10 14:00",
    "Dec 10, 2026 11am-1pm": "2026-12-10 11:00+0100 .. 10 13:00",
    "10.12.2026 0800-1000": "2026-12-10 08:00+0100 .. 10 10:00",
    "8:00-10:00 10.12.2026": "2026-12-10 08:00+0100 .. 10 10:00",
    "10.12.2026 00:00 08:30-10:00": "2026-12-10 08:30+0100 .. 10 10:00",
    "10.12.2026 22:00-02:00": "2026-12-10 22:00+0100 .. 11 02:00",
    "10.12.2026 22:00-24:00": "2026-12-10 22:00+0100 .. 11 00:00",
    "10.12.2026 08:00 - 10.12.2026 10:00": "2026-12-10 08:00+0100 .. 10 10:00",
    "2026-12-10T08:00/2026-12-10T10:00": "2026-12-10 08:00+0100 .. 10 10:00",
}
REFUSED = {
    "05/03/2026": "can be two dates",
    "05-03-2026": "can be two dates",
    "1/2/26": "can be two dates",
    "Mo 05.03.2026": "is a Thursday",
    "2026-W10-4": "is a week",
    "2026W10": "is a week",
    "KW 10/2026": "is a week",
    "31.12.2026 25:00": "no such time",
    "31.12.2026 24:30": "no such time",
    "10.12.2026 08:75": "no such time",
    "10.12.2026 10:00-08:00": "ends before it begins",
    "10.12.2026 10:00-10:00": "ends before it begins",
    "29.02.2027": "is not a date",
    "2026-13-01": "is not a date",
    "31.04.2026": "is not a date",
    "10.12. 08:00-10:00": "is not a date",
    "10.12. 8 Uhr": "is not a date",
    "10.12.2026 vormittags": "is not a date",
    "tomorrow": "is not a date",
    "8:00": "is not a date",
    "12": "is not a date",
    "5 Foo 2026": "is not a date",
    "4711 Mill Lane 7": "is not a date",
}


@pytest.mark.parametrize(("text", "expected"), [*MOMENTS.items(), *WINDOWS.items()])
def test_a_date_means_what_its_writer_meant(text, expected):
    assert said(read_span(text, formats())) == expected


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_what_is_no_date_or_two_is_a_problem(text, why):
    with pytest.raises(ValidationError, match=why):
        read_span(text, formats())


@pytest.mark.parametrize("text", WINDOWS)
def test_where_one_moment_is_needed_a_window_is_a_problem(text):
    with pytest.raises(ValidationError, match="span of time"):
        read_moment(text, formats())


@pytest.mark.parametrize(
    ("dates", "text", "expected"),
    [
        (Dates.DMY, "05/03/2026", "2026-03-05"),
        (Dates.MDY, "05/03/2026", "2026-05-03"),
        (Dates.YMD, "26/05/03", "2026-05-03"),
        (Dates.EPOCH, "0", "1970-01-01"),
        (Dates.MDY, "2026-05-03", "2026-05-03"),
    ],
)
def test_the_person_says_how_the_file_writes_its_dates(dates, text, expected):
    assert read_moment(text, formats(dates=dates)).date().isoformat() == expected


@pytest.mark.parametrize(("text", "passes"), {"29.11.2016": True, "28.11.2016": False, "29.11.2029": True}.items())
def test_a_date_outside_the_usual_span_is_asked_about(text, passes):
    usual = formats(earliest=date(2016, 11, 29), latest=date(2029, 11, 29))
    if passes:
        assert read_moment(text, usual)
        return
    with pytest.raises(ValidationError, match="check the year") as problem:
        read_moment(text, usual)
    assert problem.value.code == "far_date"


@pytest.mark.parametrize("text", ["31/12/99", "01.01.1970", "2126-12-10", "2126-12-10 08:00", "10.12.2126 08:00-10:00"])
def test_slips_of_the_year_are_far_dates(text):
    with pytest.raises(ValidationError) as problem:
        read_span(text, Formats(zone=BERLIN, today=TODAY, earliest=date(2016, 11, 29), latest=date(2029, 11, 29)))
    assert problem.value.code == "far_date"


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("8:00", time(8)), ("24:00", time(0)), ("8 Uhr", time(8)), ("10pm", time(22)), ("0830", time(8, 30)),
        ("08:00-10:00", (time(8), time(10))), ("8-10", (time(8), time(10))), ("8", None), ("10.12.2026", None),
        ("morning", None),
    ],
)  # fmt: skip
def test_a_time_stands_alone_in_a_column_of_times(text, clock):
    assert read_clock(text) == clock


# --- whatever the moment

MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2090, 12, 31))
MINUTES = MOMENT.map(lambda at: at.replace(second=0, microsecond=0))
EN, DE = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
MONTHS = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
]  # fmt: skip


@given(MINUTES)
def test_every_way_of_writing_a_moment_says_the_same(at):
    ways = [
        f"{at:%Y-%m-%d %H:%M}", f"{at:%Y-%m-%dT%H:%M:%S}", f"{at:%d.%m.%Y %H:%M}", f"{at:%d.%m.%Y, %H:%M} Uhr",
        f"{at:%B %d, %Y %I:%M %p}", f"{EN[at.weekday()]}, {at:%d %b %Y %H:%M:%S}", f"{at:%H:%M %d.%m.%Y}",
        f"{DE[at.weekday()]}., {at.day}. {MONTHS[at.month - 1]} {at.year} um {at:%H:%M} Uhr", f"{at:%Y%m%dT%H%M%S}",
    ]  # fmt: skip
    assert {read_moment(way, formats()).replace(tzinfo=None) for way in ways} == {at}


@given(MINUTES, st.integers(1, 12 * 60 - 1))
def test_a_window_is_kept_as_long_as_it_is(at, minutes):
    end = at + timedelta(minutes=minutes)
    span = read_span(f"{at:%d.%m.%Y %H:%M}-{end:%H:%M}", formats())
    assert (span.start.replace(tzinfo=None), span.end.replace(tzinfo=None)) == (at, end)


@given(st.text(alphabet="0123456789.:-/ ,TZ+apmUhrMärzDoW'(){}\u202f\u2013", max_size=90) | st.text(max_size=200))
def test_any_text_is_a_moment_or_a_problem_with_a_sentence(text):
    for read in (lambda: read_span(text, formats()), lambda: read_clock(text)):
        try:
            read()
        except ValidationError as problem:
            assert problem.messages[0]
