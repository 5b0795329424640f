"""Repeating rules against a calendar counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from jobs.recurrence import DAYS, clean_rules, dates_of, rules_in_words

FIRST = date(2026, 11, 23)  # a Monday


def days(*rules, first=FIRST, number=6, **limits):
    return [f"{day:%m-%d}" for day in islice(dates_of(rules, first, **limits), number)]


def week(*on, every=1):
    return {"kind": "week", "every": every, "on": list(on)}


def month(day, every=1):
    return {"kind": "month", "every": every, "day": day}


@pytest.mark.parametrize(
    ("rules", "expected", "words"),
    [
        ([{"kind": "day", "every": 1}], "11-23 11-24 11-25 11-26 11-27 11-28", "Every day"),
        ([{"kind": "day", "every": 10}], "11-23 12-03 12-13 12-23 01-02 01-12", "Every 10 days"),
        ([{"kind": "weekday"}], "11-23 11-24 11-25 11-26 11-27 11-30", "Every weekday, Monday to Friday"),
        ([week("tu", "sa")], "11-24 11-28 12-01 12-05 12-08 12-12", "Every Tuesday and Saturday"),
        (
            [week("mo", "we", every=2)],
            "11-23 11-25 12-07 12-09 12-21 12-23",
            "Every other week on Monday and Wednesday",
        ),
        ([week("su", every=3)], "11-29 12-20 01-10 01-31 02-21 03-14", "Every 3 weeks on Sunday"),
        ([month(1)], "12-01 01-01 02-01 03-01 04-01 05-01", "On day 1 of every month"),
        ([month(31)], "11-30 12-31 01-31 02-28 03-31 04-30", "On day 31 of every month"),
        ([month(-1, every=2)], "11-30 01-31 03-31 05-31 07-31 09-30", "On the last day of every 2 months"),
        ([week("fr"), month(1)], "11-27 12-01 12-04 12-11 12-18 12-25", "Every Friday, and on day 1 of every month"),
        # A date that two rules give comes once.
        ([{"kind": "weekday"}, week("mo")], "11-23 11-24 11-25 11-26 11-27 11-30", None),
    ],
)
def test_its_dates_and_its_words(rules, expected, words):
    rules = clean_rules(rules)
    assert days(*rules) == expected.split()
    assert words is None or rules_in_words(rules) == words


def test_the_29th_of_february_is_kept_in_leap_years():
    assert days(month(29), first=date(2028, 1, 1), number=3) == ["01-29", "02-29", "03-29"]
    assert days(month(29), first=date(2027, 1, 1), number=3) == ["01-29", "02-28", "03-29"]


def test_it_ends_by_date_or_by_count():
    daily = {"kind": "day", "every": 1}
    assert days(daily, last=FIRST + timedelta(days=2)) == ["11-23", "11-24", "11-25"]
    assert days(daily, count=2) == ["11-23", "11-24"]
    assert days(daily, count=9, last=FIRST) == ["11-23"]


@pytest.mark.parametrize(
    "raw",
    [
        None, [], {}, [None], [{"kind": "year"}], [{}], [{"kind": "day", "every": 0}], [{"kind": "day", "every": True}],
        [{"kind": "day", "every": 367}], [{"kind": "day", "every": "2"}], [{"kind": "week", "every": 1}],
        [{"kind": "week", "on": ["xx"]}], [{"kind": "month", "day": 0}], [{"kind": "month", "day": 32}],
        [{"kind": "weekday", "every": 2}], [{"kind": "weekday"}] * 4,
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(raw):
    with pytest.raises(ValidationError) as problem:
        clean_rules(raw)
    assert problem.value.messages[0]


rules = st.one_of(
    st.fixed_dictionaries({"kind": st.just("day"), "every": st.integers(1, 40)}),
    st.just({"kind": "weekday"}),
    st.fixed_dictionaries(
        {"kind": st.just("week"), "every": st.integers(1, 5), "on": st.lists(st.sampled_from(DAYS), min_size=1)}
    ),
    st.fixed_dictionaries(
        {"kind": st.just("month"), "every": st.integers(1, 13), "day": st.integers(1, 31) | st.just(-1)}
    ),
)


def naive(rule, first, day):
    """Is that day a date of the rule? Asked of the calendar, without any library."""
    days_after = (day - first).days
    month_length = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    match rule["kind"]:
        case "day":
            return days_after % rule["every"] == 0
        case "weekday":
            return day.weekday() < 5
        case "week":
            weeks = ((day - timedelta(days=day.weekday())) - (first - timedelta(days=first.weekday()))).days // 7
            return DAYS[day.weekday()] in rule["on"] and weeks % rule["every"] == 0
    months = (day.year - first.year) * 12 + day.month - first.month
    wanted = month_length if rule["day"] == -1 else min(rule["day"], month_length)
    return months % rule["every"] == 0 and day.day == wanted


@given(st.lists(rules, min_size=1, max_size=3), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_they_agree_with_the_calendar(raw, first):
    cleaned = clean_rules(raw)
    last = first + timedelta(days=400)
    expected = [
        day
        for day in (first + timedelta(days=n) for n in range(401))
        if any(naive(rule, first, day) for rule in cleaned)
    ]
    assert list(dates_of(cleaned, first, last=last)) == expected
    assert rules_in_words(cleaned)
