"""Every time in an answer is in UTC and ends in Z, right after a change as well as later."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import make_token
from jobs.models import PortalLink
from tests.api.conftest import Program
from tests.api.test_jobs_api import NEW, problem

START, START_UTC = "2026-12-01T08:00:00+01:00", "2026-12-01T07:00:00Z"
A_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[^\"]*")


def times_in(answer):
    assert answer.status_code < 300, answer.content
    found = A_TIME.findall(answer.content.decode())
    assert all(one.endswith("Z") for one in found), found
    return found


@pytest.fixture
def number(danas):
    return danas.post("/jobs", NEW | {"requested_start": "2026-12-01T08:00:00"}).json()["number"]


def same_now_and_later(danas, number, answer):
    """The answer to a change, and what is read afterwards."""
    times_in(answer)
    assert answer.json() == danas.get(f"/jobs/{number}").json()


def test_a_new_job(danas):
    answer = danas.post("/jobs", NEW | {"planned_start": START, "requested_start": "2026-12-01T08:00:00"})
    body = answer.json()
    assert (body["planned_start"], body["requested_start"]) == (START_UTC, START_UTC)
    same_now_and_later(danas, body["number"], answer)


def test_the_same_key_gets_the_same_times(danas):
    first, second = (danas.post("/jobs", NEW | {"planned_start": START}, **{"Idempotency-Key": "k"}) for _ in "12")
    assert first.json() == second.json()
    times_in(first), times_in(second)


def test_each_change_of_a_job(danas, number):
    same_now_and_later(danas, number, danas.patch(f"/jobs/{number}", {"requested_start": "2026-12-02T09:00:00"}))
    steps = ({"step": "schedule", "start": START}, {"step": "postpone"}, {"step": "schedule", "start": START})
    for step in (*steps, {"step": "start"}, {"step": "pause"}, {"step": "resume"}):
        same_now_and_later(danas, number, danas.post(f"/jobs/{number}/transitions", step))
    same_now_and_later(danas, number, danas.post(f"/jobs/{number}/steps/drive_there"))
    same_now_and_later(danas, number, danas.post(f"/jobs/{number}/transitions", {"step": "complete"}))


def test_what_happened_to_it(danas, number):
    for step in ({"step": "schedule", "start": START}, {"step": "postpone"}):
        assert danas.post(f"/jobs/{number}/transitions", step).status_code == 200
    answer = danas.get(f"/jobs/{number}/events")
    times_in(answer)
    data = {event["kind"]: event["data"] for event in answer.json()["items"]}
    assert data["job.scheduled"]["start"] == data["job.postponed"]["before"] == START_UTC


NO_MOMENTS = ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "9999-99-99T99:99Z", "9" * 200]


@pytest.mark.parametrize("words", NO_MOMENTS)
def test_somebodys_words_that_look_like_a_moment(danas, number, words):
    """The calendar ends before it: what was typed is told as it was typed."""
    danas.post(f"/jobs/{number}/transitions", {"step": "cancel", "reason": words})
    answer = danas.get(f"/jobs/{number}/events")
    assert answer.status_code == 200
    assert words in [event["data"].get("reason") for event in answer.json()["items"]]


def test_positions_and_links(cast, danas, number):
    here = {"latitude": 53.5, "longitude": 9.9, "at": "2026-11-20T10:15:00+01:00"}
    reported = danas.post(f"/workers/{cast.theo.pk}/positions", here)
    assert times_in(reported) == ["2026-11-20T09:15:00Z"]
    assert times_in(danas.get(f"/workers/{cast.theo.pk}")) == ["2026-11-20T09:15:00Z"]
    link = PortalLink.objects.get(job__number=number)
    assert times_in(danas.post(f"/links/{link.pk}/revoke", {"reason": "lost"}))
    assert times_in(danas.post(f"/links/{link.pk}/reissue", {}))


def test_a_workers_own(cast, danas, number):
    danas.post(f"/jobs/{number}/transitions", {"step": "schedule", "start": START, "worker": str(cast.theo.pk)})
    theos = Program(*make_token(name="Telephone", by=cast.dana, worker=cast.theo))
    assert START_UTC in times_in(theos.post(f"/worker/jobs/{number}/transitions", {"step": "start"}))
    at = timezone.localtime() - timedelta(minutes=1)
    times_in(theos.post("/worker/position", {"latitude": 53.5, "longitude": 9.9, "at": at.isoformat()}))


def test_a_stranger_is_told_no_time(cast, program, number):
    assert not A_TIME.findall(str(problem(program(cast.nell).get(f"/jobs/{number}"), 403)))
