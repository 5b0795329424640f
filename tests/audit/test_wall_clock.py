"""A time on the clock on the wall is one moment, or two are named: nobody guesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import timezone, translation
from hypothesis import example, given
from hypothesis import strategies as st

from audit.wall_clock import (
    NotOneMoment,
    comes_twice,
    moment_after,
    moment_at,
    moments_at,
    pinned,
    planned_moment,
    written_exactly,
)

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(1902, 1, 1), datetime(2090, 12, 31), timezones=st.just(UTC))
BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = datetime(2027, 3, 28, 2, 30), datetime(2027, 10, 31, 2, 30)


@given(MOMENTS, ZONES)
@example(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), BERLIN)
@example(datetime(2027, 10, 31, 1, 30, tzinfo=UTC), BERLIN)
def test_every_moment_is_among_those_that_the_clock_on_its_wall_means(moment, zone):
    wall = moment.astimezone(zone).replace(tzinfo=None)
    meant = moments_at(wall, zone)
    assert moment in meant
    assert len(meant) == (2 if comes_twice(wall, zone) else 1)


@given(MOMENTS, ZONES)
@example(datetime(2027, 10, 31, 1, 30, tzinfo=UTC), BERLIN)
def test_every_moment_comes_back_from_what_is_written_of_it(moment, zone):
    to_the_minute = moment.replace(second=0, microsecond=0)
    assert datetime.fromisoformat(written_exactly(moment.astimezone(zone))) - to_the_minute < timedelta(minutes=1)
    assert pinned(moment.astimezone(zone)) == moment


@given(st.datetimes(datetime(1902, 1, 1), datetime(2090, 12, 31)), ZONES)
@example(SPRING, BERLIN)
@example(AUTUMN, BERLIN)
@example(datetime(2011, 12, 30, 12), ZoneInfo("Pacific/Apia"))
def test_a_time_is_one_moment_or_two_that_exist(wall, zone):
    try:
        meant = (moment_at(wall, zone),)
    except NotOneMoment as problem:
        meant = problem.moments
        assert meant[0] < meant[1]
        assert planned_moment(wall, zone) == meant[0 if problem.comes_twice else 1]
    on_the_wall = [moment.astimezone(zone).replace(tzinfo=None) for moment in meant]
    if len(meant) == 1 or comes_twice(wall, zone):
        assert set(on_the_wall) == {wall}
    else:
        assert on_the_wall[0] < wall < on_the_wall[1]


TABLE = [
    ("Europe/Berlin", SPRING, "2027-03-28T01:30+01:00", "2027-03-28T03:30+02:00", "01:30 or 03:30"),
    (
        "Europe/Berlin", AUTUMN, "2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00",
        "02:30 in summer time (CEST, UTC+02:00) or 02:30 in winter time (CET, UTC+01:00)",
    ),
    (
        "America/New_York", datetime(2027, 11, 7, 1, 30), "2027-11-07T01:30-04:00", "2027-11-07T01:30-05:00",
        "01:30 in summer time (EDT, UTC-04:00) or 01:30 in winter time (EST, UTC-05:00)",
    ),
    # Half an hour.
    (
        "Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), "2026-10-04T01:45+10:30", "2026-10-04T02:45+11:00",
        "01:45 or 02:45",
    ),
    (
        "Australia/Lord_Howe", datetime(2027, 4, 4, 1, 45), "2027-04-04T01:45+11:00", "2027-04-04T01:45+10:30",
        "01:45 in summer time (UTC+11:00) or 01:45 in winter time (UTC+10:30)",
    ),
    # Summer time is the standard there: no word is right but the offset.
    (
        "Europe/Dublin", datetime(2027, 10, 31, 1, 30), "2027-10-31T01:30+01:00", "2027-10-31T01:30+00:00",
        "01:30 (IST, UTC+01:00) or 01:30 (GMT, UTC+00:00)",
    ),
    # At midnight, so that one of them is of the day before.
    (
        "America/Santiago", datetime(2027, 9, 5, 0, 30), "2027-09-04T23:30-04:00", "2027-09-05T01:30-03:00",
        "4 September 2027, 23:30 or 01:30",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "wall", "first", "second", "choice"), TABLE)
def test_both_moments_are_named(zone, wall, first, second, choice):
    with pytest.raises(NotOneMoment) as raised:
        moment_at(wall, ZoneInfo(zone))
    problem = raised.value
    assert tuple(map(written_exactly, problem.moments)) == (first, second)
    assert problem.sentence.endswith(f"Choose {choice}.")
    assert first in problem.written and second in problem.written


@pytest.mark.parametrize(("wall", "is_twice"), [(SPRING, False), (AUTUMN, True)])
@pytest.mark.parametrize("language", ["en", "de"])
def test_it_is_said_which_of_both_it_is(wall, is_twice, language):
    with translation.override(language), pytest.raises(NotOneMoment) as raised:
        moment_at(wall, BERLIN)
    assert raised.value.comes_twice is is_twice
    assert str(raised.value) == raised.value.sentence


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "UTC", "America/Phoenix"])
@pytest.mark.parametrize("wall", [SPRING, AUTUMN, datetime(2027, 3, 14, 2, 30)])
def test_where_clocks_never_change_nothing_is_asked(zone, wall):
    assert moment_at(wall, ZoneInfo(zone)) == timezone.make_aware(wall, ZoneInfo(zone))


def test_moments_of_the_hour_that_comes_twice_differ():
    first, second = moments_at(AUTUMN, BERLIN)
    assert second - first == timedelta(hours=1) and first < second
    # In a zone Python goes by what the clock shows.
    assert first.astimezone(BERLIN) == second.astimezone(BERLIN)


def test_the_first_time_after_a_moment_is_found():
    first, second = moments_at(AUTUMN, BERLIN)
    assert moment_after(first - timedelta(hours=1), AUTUMN, BERLIN) == first
    assert moment_after(first, AUTUMN, BERLIN) == second
