"""Staff are signed out after a while without a click, and after some days whatever they do, and read why."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from jobs.models import Job
from tests.architecture.tree import APPS
from tests.factories import PASSWORD, make_job


@pytest.fixture
def dana(cast, settings, time_machine):
    settings.STAFF_SESSION_IDLE, settings.STAFF_SESSION_LIFETIME = 60, 10
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    client = Client()
    client.post("/admin/login/", {"username": cast.dana.email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 200
    return client


def test_who_clicks_stays_signed_in_and_who_does_not_is_out(dana, time_machine):
    for _ in range(3):
        time_machine.shift(timedelta(minutes=59))
        assert dana.get("/admin/").status_code == 200
    time_machine.shift(timedelta(minutes=60))
    answer = dana.get("/admin/jobs/job/")
    assert answer.status_code == 302 and answer.url == "/admin/login/?next=%2Fadmin%2Fjobs%2Fjob%2F"
    assert "for a while" in dana.get(answer.url).content.decode()
    assert dana.get("/admin/").status_code == 302


def test_after_its_whole_life_a_session_is_over_however_much_it_was_used(dana, time_machine):
    for _ in range(11):
        time_machine.shift(timedelta(minutes=54))
        assert dana.get("/admin/").status_code == 200
    time_machine.shift(timedelta(minutes=10))
    answer = dana.get("/admin/")
    assert "signed in long ago" in dana.get(answer.url).content.decode()


def test_signing_in_again_begins_anew(cast, dana, time_machine):
    time_machine.shift(timedelta(hours=11))
    assert dana.get("/admin/").status_code == 302
    dana.post("/admin/login/", {"username": cast.dana.email, "password": PASSWORD})
    assert dana.get("/admin/").status_code == 200


def test_signing_in_again_while_signed_in_begins_anew_too(cast, dana, time_machine):
    for _ in range(10):
        time_machine.shift(timedelta(minutes=59))
        assert dana.get("/admin/").status_code == 200
    assert dana.post("/admin/login/", {"username": cast.dana.email, "password": PASSWORD}).status_code == 302
    time_machine.shift(timedelta(minutes=30))
    assert dana.get("/admin/").status_code == 200, "ten hours are over since she signed in first"


def test_a_page_that_asks_by_itself_is_no_use(cast, dana, time_machine):
    job: Job = make_job(cast.acme, cast.exchange, by=cast.dana)
    for _ in range(4):
        time_machine.shift(timedelta(minutes=14))
        answer = dana.get(f"/admin/jobs/job/{job.pk}/live/", headers={"X-By-Itself": "1"})
        assert answer.status_code == 200
    time_machine.shift(timedelta(minutes=5))
    answer = dana.get(f"/admin/jobs/job/{job.pk}/live/", headers={"HX-Request": "true", "X-By-Itself": "1"})
    assert answer.headers["HX-Redirect"] == "/admin/login/"


def test_customers_stay_signed_in(cast, settings, sign_in, time_machine):
    settings.STAFF_SESSION_IDLE, settings.STAFF_SESSION_LIFETIME = 60, 10
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    cora = sign_in(cast.cora)
    assert cora.get("/").status_code == 200
    time_machine.shift(timedelta(days=2))
    assert cora.get("/").status_code == 200


def test_what_was_typed_and_sent_too_late_is_not_saved(cast, dana, time_machine):
    time_machine.shift(timedelta(hours=2))
    answer = dana.post("/admin/accounts/label/add/", {"name": "Late"})
    assert answer.url == "/admin/login/"


def test_whatever_asks_by_itself_says_so():
    """Each part of a page that asks after a time, or because a script of ours tells it to."""
    root, asking = Path(__file__).parents[2], []
    for app in APPS:
        for page in (root / app).rglob("*.html"):
            for tag in re.findall(r"<[a-z]+\b[^<]*?hx-trigger=\"(?:every|refresh)[^<]*", page.read_text()):
                asking.append(page.name)
                assert "X-By-Itself" in tag and 'hx-disinherit="hx-headers"' in tag, page
    assert {"aside.html", "job_live.html", "exports_before.html", "progress.html", "schedule_board.html"} <= set(asking)
    assert "X-By-Itself" in (root / "jobs/static/jobs/map.js").read_text()
