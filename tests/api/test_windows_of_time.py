"""Programs read the window of time that a customer is promised, and set it."""

from __future__ import annotations

import pytest

from jobs.models import Job

START, END = "2031-05-05T08:00:00+02:00", "2031-05-05T10:00:00+02:00"


def new_job(cast):
    return {"template": cast.exchange.slug, "customer": {"id": str(cast.acme.pk)}, "planned_start": START}


@pytest.fixture
def dana(cast, program):
    return program(cast.dana)


@pytest.fixture
def made(cast, dana):
    facts = {
        "template": cast.exchange.slug,
        "customer": {"id": str(cast.acme.pk)},
        "planned_start": START,
        "window_end": END,
    }
    return dana.post("/jobs", facts)


def test_a_job_is_made_and_read_with_its_window(dana, made):
    assert made.status_code == 201 and made.json()["window_end"] == "2031-05-05T08:00:00Z"
    assert dana.get(f"/jobs/{made.json()['number']}").json()["window_end"] == "2031-05-05T08:00:00Z"


@pytest.mark.parametrize(
    ("step", "window_end"),
    [
        ({"start": "2031-05-06T13:00:00+02:00"}, "2031-05-06T13:00:00Z"),
        ({"start": START, "window_end": "2031-05-05T11:00:00+02:00"}, "2031-05-05T09:00:00Z"),
        ({"start": START, "window_end": None}, None),
    ],
)
def test_scheduling_keeps_it_changes_it_and_takes_it_away(dana, made, step, window_end):
    answer = dana.post(f"/jobs/{made.json()['number']}/transitions", {"step": "schedule", **step})
    assert (answer.status_code, answer.json()["window_end"]) == (200, window_end)


@pytest.mark.parametrize("window_end", ["2031-05-05T08:00:00+02:00", "2031-05-07T08:00:00+02:00"])
def test_a_window_nobody_means_is_refused(cast, dana, window_end):
    answer = dana.post("/jobs", new_job(cast) | {"window_end": window_end})
    assert answer.status_code == 422 and "window_end" in answer.content.decode() and not Job.objects.exists()


def test_a_series_has_a_window_by_the_clock(cast, dana):
    facts = {
        "name": "Weekly", "customer": {"id": str(cast.acme.pk)}, "template": cast.exchange.slug,
        "starts_on": "2031-05-05", "rules": [{"kind": "day", "every": 1}], "start_time": "08:00", "window_end": "10:00",
    }  # fmt: skip
    made = dana.post("/series", facts).json()
    assert (made["window_end"], made["sentence"]) == ("10:00", "Every day, between 08:00 and 10:00")
    assert dana.patch(f"/series/{made['id']}", {"window_end": None}).json()["window_end"] is None
