from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.working_hours import clean_hours, hours_in_words, minutes_on

WEEK = {day: ["07:00", "16:00"] for day in ("mo", "tu", "we", "th", "fr")}
MONDAY, SATURDAY = date(2031, 5, 5), date(2031, 5, 10)


def test_equal_days_are_said_together():
    assert hours_in_words(WEEK) == "Mon–Fri 07:00–16:00"
    assert hours_in_words(WEEK | {"sa": ["08:00", "12:00"]}) == "Mon–Fri 07:00–16:00, Sat 08:00–12:00"
    assert hours_in_words({"mo": ["07:00", "16:00"], "we": ["07:00", "16:00"]}) == "Mon 07:00–16:00, Wed 07:00–16:00"
    assert hours_in_words({}) == ""


def test_a_day_has_hours_or_is_off_and_saying_nothing_is_neither():
    assert minutes_on(WEEK, MONDAY) == (7 * 60, 16 * 60)
    assert minutes_on(WEEK, SATURDAY) is None
    with pytest.raises(KeyError):
        minutes_on({}, MONDAY)


def test_an_empty_day_is_a_day_off():
    assert clean_hours({"mo": ["7:00".zfill(5), "16:00"], "tu": ["", ""], "we": None}) == {"mo": ["07:00", "16:00"]}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"mo": ["07:00", ""]}, "Monday: give both times"),
        ({"tu": ["sunrise", "16:00"]}, "Tuesday: give both times"),
        ({"we": ["16:00", "07:00"]}, "Wednesday: the end lies before the start"),
        ({"we": ["07:00", "07:00"]}, "Wednesday: the end lies before the start"),
        ({"monday": ["07:00", "16:00"]}, "days of the week"),
        (["07:00"], "days of the week"),
        ({"mo": ["07:00", "12:00", "16:00"]}, "Monday: give both times"),
    ],
)
def test_nonsense_is_refused_by_its_day(raw, said):
    with pytest.raises(ValidationError, match=said):
        clean_hours(raw)
