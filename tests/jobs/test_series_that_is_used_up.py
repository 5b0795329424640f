"""A series that was made for a number of times says so when the last of them is past."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from jobs.models import Series


@pytest.fixture
def series(cast, time_machine):
    time_machine.move_to("2026-11-23T09:00:00+01:00", tick=False)
    return Series.objects.create(
        name="Three rounds",
        customer=cast.acme,
        template=cast.exchange,
        rules=[{"kind": "week", "every": 1, "on": ["mo"]}],
        starts_on=date(2026, 11, 9),
        count=3,
        settled_until=date(2026, 11, 23),
    )


def listed(client, state):
    page = client.get(reverse("admin:jobs_series_changelist"), {"state": state}).content.decode()
    return "Three rounds" in page


def test_on_its_last_day_it_runs(cast, sign_in, series):
    assert series.state == "running" and "all of them past" not in series.sentence
    assert series in Series.objects.running() and series not in Series.objects.ended()
    assert listed(sign_in(cast.olivia), "running")


def test_after_it_the_series_has_ended_and_says_why(cast, sign_in, series, time_machine):
    time_machine.move_to("2026-11-24T09:00:00+01:00", tick=False)
    client = sign_in(cast.olivia)
    assert series.state == "ended" and series.sentence.endswith("3 times, all of them past")
    assert series not in Series.objects.running() and series in Series.objects.ended()
    assert listed(client, "ended") and not listed(client, "running")
    page = client.get(reverse("admin:jobs_series_change", args=[series.pk])).content.decode()
    assert "3 times, all of them past" in page and "No more dates." in page


def test_one_without_a_number_goes_on(series, time_machine):
    Series.objects.update(count=None)
    time_machine.move_to("2030-01-01T09:00:00+01:00", tick=False)
    endless = Series.objects.get()
    assert endless.state == "running" and endless in Series.objects.running()
