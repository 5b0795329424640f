from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomerLink
from jobs.services import complete_job, report_position, start_job
from jobs.wording import distance_in_words
from permissions.services import set_override
from tests.factories import make_job, make_worker

YARD = {"latitude": Decimal("53.551086"), "longitude": Decimal("9.993682"), "address": "1 Mill Lane"}
QUAY = {"latitude": Decimal("53.541000"), "longitude": Decimal("9.970000"), "address": "2 Quay"}
# A kilometre north of the yard, to the metre.
NORTH = {"latitude": Decimal("53.560069"), "longitude": Decimal("9.993682")}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T10:00:00+01:00", tick=False):
        yield


def allow(person, cast, code="view_worker", effect="allow", link=None):
    set_override(link or person, code, effect, by=cast.dana, reason="For this story")


def places(page):
    return {place.address: [job.number for job in place.jobs] for place in page.context["places"]}


def under_way(cast, customer=None, worker=None, **place):
    job = make_job(customer or cast.acme, cast.exchange, by=cast.dana, worker=worker or cast.theo, **(place or YARD))
    return start_job(job, by=cast.dana)


def test_cora_sees_her_open_jobs_by_place_and_carl_his(cast, sign_in):
    soon = timezone.now() + timedelta(hours=2)
    first = make_job(cast.acme, cast.exchange, planned_start=soon, **YARD)
    second = make_job(cast.acme, cast.exchange, planned_start=soon + timedelta(days=1), **YARD)
    other = make_job(cast.birch, cast.exchange, planned_start=soon + timedelta(days=2), **QUAY)
    theirs = make_job(cast.cedar, cast.exchange, **QUAY)
    page = sign_in(cast.cora).get("/map/")
    assert places(page) == {"1 Mill Lane": [first.number, second.number], "2 Quay": [other.number]}
    assert theirs.number not in page.content.decode()
    assert places(sign_in(cast.carl).get("/map/")) == {"2 Quay": [theirs.number]}


def test_what_is_over_is_gone_and_what_has_no_place_is_counted(cast, sign_in):
    complete_job(make_job(cast.acme, cast.exchange, **YARD), by=cast.dana)
    make_job(cast.acme, cast.exchange)
    page = sign_in(cast.cora).get("/map/")
    assert places(page) == {} and page.context["unplaced"] == 1
    assert "we do not know yet where exactly" in page.content.decode()


def test_the_account_she_switched_to_narrows_it(cast, sign_in):
    make_job(cast.acme, cast.exchange, **YARD), make_job(cast.birch, cast.exchange, **QUAY)
    client = sign_in(cast.cora)
    client.post("/accounts/switch/", {"account": cast.birch.pk})
    assert list(places(client.get("/map/"))) == ["2 Quay"]


class TestWhoMay:
    def test_without_the_right_there_is_neither_page_nor_entry_nor_map_on_a_job(self, cast, sign_in):
        job = make_job(cast.acme, cast.exchange, by=cast.dana, **YARD)
        client = sign_in(cast.cora)
        assert 'href="/map/"' in client.get("/").content.decode()
        assert "data-map" in client.get(f"/jobs/{job.number}/").content.decode()
        allow(cast.cora, cast, "view_map", "deny")
        assert client.get("/map/").status_code == 403
        assert 'href="/map/"' not in client.get("/").content.decode()
        assert "data-map" not in client.get(f"/jobs/{job.number}/").content.decode()

    def test_a_denial_on_one_link_hides_that_customer(self, cast, sign_in):
        make_job(cast.acme, cast.exchange, **YARD), make_job(cast.birch, cast.exchange, **QUAY)
        link = CustomerLink.objects.get(portal_user=cast.cora, customer=cast.acme)
        allow(cast.cora, cast, "view_map", "deny", link=link)
        assert list(places(sign_in(cast.cora).get("/map/"))) == ["2 Quay"]

    def test_the_feature_switches_it_off_for_everybody(self, cast, sign_in, portal):
        portal.map_enabled = False
        portal.save()
        assert sign_in(cast.cora).get("/map/").status_code == 403

    def test_a_template_she_has_not_is_not_on_it(self, cast, sign_in):
        make_job(cast.acme, cast.inspection, **YARD)
        assert places(sign_in(cast.cora).get("/map/")) == {}


class TestTheWorker:
    def test_she_sees_him_as_coarsely_as_the_settings_say(self, cast, sign_in):
        job = under_way(cast)
        report_position(cast.theo, **NORTH)
        allow(cast.cora, cast)
        for path in ("/map/?part=list", f"/jobs/{job.number}/", f"/jobs/{job.number}/status/"):
            text = sign_in(cast.cora).get(path).content.decode()
            assert "bout 1 km away, seen at 10:00 (to 500 m)" in text, path
            assert 'data-metres="500"' in text
            assert "53.560069" not in text and "9.993682" not in text.replace('data-lng="9.993682"', "", 2)

    def test_not_without_the_right(self, cast, sign_in):
        job = under_way(cast)
        report_position(cast.theo, **NORTH)
        for path in ("/map/", f"/jobs/{job.number}/"):
            text = sign_in(cast.cora).get(path).content.decode()
            assert "seen at" not in text and "Theo" not in text

    def test_not_before_the_job_starts_nor_an_hour_later(self, cast, sign_in):
        allow(cast.cora, cast)
        waiting = make_job(cast.birch, cast.exchange, by=cast.dana, worker=cast.theo, **YARD)
        report_position(cast.theo, **NORTH)
        assert "seen at" not in sign_in(cast.cora).get(f"/jobs/{waiting.number}/").content.decode()
        job = under_way(cast)
        report_position(cast.theo, **NORTH)
        with time_machine.travel("2026-11-24T11:00:00+01:00", tick=False):
            assert "seen at" not in sign_in(cast.cora).get(f"/jobs/{job.number}/").content.decode()

    def test_allowed_for_one_customer_he_is_not_shown_on_the_others_job(self, cast, sign_in):
        wanda = make_worker("Wanda")
        under_way(cast), under_way(cast, cast.birch, wanda, **QUAY)
        report_position(cast.theo, **NORTH), report_position(wanda, **NORTH)
        allow(cast.cora, cast, link=CustomerLink.objects.get(portal_user=cast.cora, customer=cast.birch))
        text = sign_in(cast.cora).get("/map/").content.decode()
        assert "Wanda" in text and "Theo" not in text

    def test_a_guest_sees_him_if_everybody_may(self, cast, client, portal):
        job = under_way(cast)
        report_position(cast.theo, **NORTH)
        path = f"/l/{job.portal_links.get().token}/"
        client.post(path, {"answer": job.contact_email})
        assert "seen at" not in client.get(path).content.decode()
        portal.default_permissions = portal.default_permissions | {"view_worker": True}
        portal.save()
        for page in (path, f"{path}status/"):
            assert "bout 1 km away, seen at 10:00 (to 500 m)" in client.get(page).content.decode()


def test_it_costs_few_queries_and_no_more_with_many_jobs(cast, sign_in):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/map/").status_code == 200
        return len(caught)

    allow(cast.cora, cast)
    job = under_way(cast)
    report_position(cast.theo, **NORTH)
    client = sign_in(cast.cora)
    client.get("/")  # the first visit is noted, once in five minutes
    few = queries()
    for _n in range(30):
        worker = make_worker()
        under_way(cast, cast.birch, worker, **QUAY)
        report_position(worker, **NORTH)
    assert queries() == few <= 12
    with CaptureQueriesContext(connection) as caught:
        client.get(f"/jobs/{job.number}/")
    assert len(caught) <= 12


def test_its_policy_names_no_other_host_and_nothing_inline(cast, sign_in):
    policy = sign_in(cast.cora).get("/map/")["Content-Security-Policy"]
    assert "unsafe" not in policy and "http" not in policy


@pytest.mark.parametrize(
    ("metres", "coarse", "words"),
    [
        (40, 0, "less than 100 m away"), (340, 0, "about 300 m away"), (1240, 0, "about 1 km away"),
        (1400, 0, "about 1.5 km away"), (23_300, 0, "about 23 km away"), (700, 500, "about 500 m away"),
        (340, 500, "less than 500 m away"), (3_000, 5_000, "less than 5 km away"),
    ],
)  # fmt: skip
def test_a_distance_is_never_finer_than_the_place(metres, coarse, words):
    assert distance_in_words(metres, coarse) == words
