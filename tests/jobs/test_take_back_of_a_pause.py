"""A series that is set going again by a take-back makes up for no date that has passed, as one resumed by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.act import acting
from console.taking_back import take_back_request
from jobs.models import Series
from jobs.services import create_series, end_series, make_due_occurrences, pause_series, resume_series


@pytest.fixture
def clock():
    with time_machine.travel("2026-03-02 12:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def series(cast, clock) -> Series:
    facts = {
        "name": "Acme daily",
        "customer": cast.acme,
        "template": cast.exchange,
        "rules": [{"kind": "day", "every": 1}],
        "starts_on": timezone.localdate(),
        "create_days_ahead": 3,
    }
    return create_series(facts, by=cast.olivia)


def _days(series: Series) -> list[date]:
    return list(series.occurrences.order_by("on").values_list("on", flat=True))


def _from_today(before: list[date]) -> list[date]:
    return [*before, *(timezone.localdate() + timedelta(days=day) for day in range(4))]


def test_olivia_takes_a_pause_back_after_two_months_and_no_passed_date_is_made(cast, series, clock):
    with acting(by=cast.olivia) as act:
        pause_series(series, by=cast.olivia)
    before = _days(series)
    clock.move_to("2026-05-02 12:00Z")
    take_back_request(act.request_id, by=cast.olivia)
    make_due_occurrences()
    assert _days(series) == _from_today(before)


def test_nor_after_an_end_that_is_taken_back(cast, series, clock):
    with acting(by=cast.olivia) as act:
        end_series(series, by=cast.olivia)
    before = _days(series)
    clock.move_to("2026-05-02 12:00Z")
    take_back_request(act.request_id, by=cast.olivia)
    make_due_occurrences()
    assert _days(series) == _from_today(before)


def test_a_pause_taken_back_the_same_day_leaves_out_and_doubles_nothing(cast, series, clock):
    with acting(by=cast.olivia) as act:
        pause_series(series, by=cast.olivia)
    before = _days(series)
    take_back_request(act.request_id, by=cast.olivia)
    make_due_occurrences()
    assert _days(series) == before


def test_a_resumption_taken_back_and_that_taken_back_too_leave_no_debt(cast, series, clock):
    pause_series(series, by=cast.olivia)
    with acting(by=cast.olivia) as act:
        resume_series(series, by=cast.olivia)
    with acting(by=cast.olivia) as back:
        take_back_request(act.request_id, by=cast.olivia)
    before = _days(series)
    clock.move_to("2026-05-02 12:00Z")
    take_back_request(back.request_id, by=cast.olivia)
    make_due_occurrences()
    assert _days(series) == _from_today(before)
