"""What an answer says can be asked for again: no moment loses digits, no number gets an exponent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from api.answers import AnswerEncoder
from jobs.models import Job
from tests.api.test_jobs_api import NEW

EXACT = "2026-12-01T07:00:00.123456Z"
WRITTEN = [
    (datetime(2026, 12, 1, 7, 0, 0, 123456, tzinfo=UTC), EXACT),
    (datetime(2026, 12, 1, 7, 0, 0, 123000, tzinfo=UTC), "2026-12-01T07:00:00.123000Z"),
    (datetime(2026, 12, 1, 7, 0, tzinfo=UTC), "2026-12-01T07:00:00Z"),
    (datetime(2026, 12, 1, 8, 0, tzinfo=timezone(timedelta(hours=1))), "2026-12-01T08:00:00+01:00"),
    (Decimal("1E+2"), "100"),
    (Decimal("1E-7"), "0.0000001"),
    (Decimal("120.50"), "120.50"),
    (Decimal("0E-6"), "0.000000"),
]


@pytest.mark.parametrize(("value", "written"), WRITTEN)
def test_a_value_is_written_whole(value, written):
    assert json.loads(json.dumps(value, cls=AnswerEncoder)) == written


def test_from_the_moment_of_an_answer_on_is_that_job_and_until_it_is_not(danas):
    """In milliseconds "from" still finds it, but "until" the moment after has lost it, or has it twice."""
    danas.post("/jobs", NEW)
    Job.objects.update(planned_start=datetime(2026, 12, 1, 7, 0, 0, 123456, tzinfo=UTC))
    (job,) = danas.get("/jobs").json()["items"]
    assert job["planned_start"] == EXACT
    assert len(danas.get(f"/jobs?planned_from={EXACT}").json()["items"]) == 1
    assert danas.get(f"/jobs?planned_until={EXACT}").json()["items"] == []
    just_after = "2026-12-01T07:00:00.123457Z"
    assert danas.get(f"/jobs?planned_from={just_after}").json()["items"] == []
    assert len(danas.get(f"/jobs?planned_until={just_after}").json()["items"]) == 1


def test_the_first_answer_is_kept_to_the_last_digit(danas):
    first, second = (danas.post("/jobs", NEW, **{"Idempotency-Key": "k"}).json() for _ in "12")
    made = Job.objects.get().created_at.astimezone(UTC)
    assert first["created_at"] == second["created_at"] == made.isoformat().replace("+00:00", "Z")


def test_a_small_number_of_degrees_is_said_as_it_is_kept(danas):
    sent = NEW | {"address": "1 Road", "latitude": 1e-7, "longitude": 100}
    answer = danas.post("/jobs", sent)
    assert "E" not in str(answer.json().get("latitude")) and "E" not in str(answer.json().get("longitude"))
