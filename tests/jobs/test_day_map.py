from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.services import cancel_job, report_position, start_job
from tests.console.people import narrow
from tests.factories import make_job, make_worker

PAGE = "/admin/map/"
HERE = {"latitude": Decimal("53.551086"), "longitude": Decimal("9.993682")}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T10:00:00+01:00", tick=False) as traveller:
        yield traveller


def planned(cast, clock="11:00", *, day="2026-11-24", customer=None, place=HERE, worker=None):
    start = timezone.make_aware(datetime.fromisoformat(f"{day}T{clock}"))
    return make_job(customer or cast.acme, cast.exchange, planned_start=start, worker=worker, **(place or {}))


def numbers(page):
    return [row["job"].number for row in page.context["rows"]]


def test_dana_sees_the_jobs_of_today_numbered_in_their_order(cast, sign_in):
    late, early = planned(cast, "14:00"), planned(cast, "08:00", worker=cast.theo)
    planned(cast, day="2026-11-25")
    cancel_job(planned(cast), by=cast.dana, reason="Rain")
    page = sign_in(cast.dana).get(PAGE)
    assert numbers(page) == [early.number, late.number]
    assert [row["pin"].mark for row in page.context["rows"]] == ["1", "2"]
    text = page.content.decode()
    assert 'data-lat="53.551086"' in text and 'data-lng="9.993682"' in text


def test_a_job_without_coordinates_is_in_the_list_and_counted(cast, sign_in):
    planned(cast), planned(cast, place=None)
    page = sign_in(cast.dana).get(PAGE)
    assert (page.context["placed"], page.context["unplaced"]) == (1, 1)
    assert "1 job has no coordinates and is only in this list." in page.content.decode()


def test_with_nothing_to_draw_it_says_what_to_do(cast, sign_in):
    client = sign_in(cast.dana)
    assert "No job is planned for this day." in client.get(PAGE).content.decode()
    planned(cast, place=None)
    text = client.get(PAGE).content.decode()
    assert "No job of today has coordinates" in text and "latitude and longitude" in text


def test_workers_are_where_they_were_last_today(cast, sign_in):
    wanda = make_worker("Wanda")
    job = start_job(planned(cast, worker=cast.theo), by=cast.dana)
    report_position(cast.theo, **HERE)
    report_position(wanda, **HERE, at=timezone.now() - timedelta(days=1))
    rows = sign_in(cast.dana).get(PAGE).context["workers"]
    assert [(row["worker"], row["pin"].is_placed, row["job"]) for row in rows] == [
        (cast.theo, True, job), (wanda, False, None),
    ]  # fmt: skip
    assert "seen at 10:00" in rows[0]["pin"].words
    assert sign_in(cast.dana).get(PAGE, {"day": "2026-11-25"}).context["workers"] == []


def test_who_may_not_see_positions_sees_jobs_only(cast, sign_in):
    job = planned(cast, worker=cast.theo)
    report_position(cast.theo, **HERE)
    page = sign_in(cast.bill).get(PAGE)
    assert numbers(page) == [job.number] and page.context["workers"] == []


def test_the_filters_and_colours_stand_in_the_address(cast, sign_in):
    wanda = make_worker("Wanda", colour="#b91c1c")
    theirs, _his = planned(cast, worker=wanda), planned(cast, worker=cast.theo)
    query = {"worker": wanda.pk, "colour": "worker", "template": cast.exchange.slug, "day": "2026-11-24"}
    page = sign_in(cast.dana).get(PAGE, query)
    assert numbers(page) == [theirs.number]
    assert page.context["rows"][0]["pin"].tone == "#b91c1c"
    assert page.context["legend"] == [("Wanda", "#b91c1c")]
    for address in (*page.context["links"].values(), page.context["list_url"]):
        assert f"worker={wanda.pk}" in address and "colour=worker" in address


def test_the_list_is_read_anew_by_itself(cast, sign_in):
    job = planned(cast)
    part = sign_in(cast.dana).get(PAGE, {"part": "list"})
    assert job.number in part.content.decode() and "<html" not in part.content.decode()


def test_nonsense_in_the_address_is_taken_as_not_said(cast, sign_in):
    planned(cast)
    query = {"day": "2026-02-31", "worker": "x", "colour": "pink"}
    assert len(numbers(sign_in(cast.dana).get(PAGE, query))) == 1


def test_a_narrowed_dispatcher_sees_her_customers_only(cast, sign_in):
    theirs, other = planned(cast), planned(cast, customer=cast.cedar)
    narrow(cast.dana, cast.acme)
    page = sign_in(cast.dana).get(PAGE)
    assert numbers(page) == [theirs.number] and other.number not in page.content.decode()


def test_nell_and_customers_are_kept_out(cast, sign_in):
    assert sign_in(cast.nell).get(PAGE).status_code == 403
    assert sign_in(cast.carl).get(PAGE).status_code == 302
    assert sign_in(cast.sam).get(PAGE).status_code == 200


def test_it_costs_the_same_on_a_full_day(cast, sign_in):
    client = sign_in(cast.dana)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get(PAGE)
        return len(caught)

    planned(cast, worker=cast.theo)
    report_position(cast.theo, **HERE)
    queries()
    few = queries()
    for n in range(12):
        worker = make_worker()
        planned(cast, f"{8 + n % 8:02d}:00", worker=worker, customer=(cast.birch, cast.cedar)[n % 2])
        report_position(worker, **HERE)
    assert queries() == few


def test_tiles_are_asked_for_only_where_they_are_set(cast, sign_in, settings):
    planned(cast)
    assert 'data-tiles=""' in sign_in(cast.dana).get(PAGE).content.decode()
    settings.MAP_TILES = "https://tiles.example.com/{z}/{x}/{y}.png"
    assert 'data-tiles="https://tiles.example.com/{z}/{x}/{y}.png"' in sign_in(cast.dana).get(PAGE).content.decode()


class TestOnTheJobsOwnPage:
    def address(self, job):
        return f"/admin/jobs/job/{job.pk}/change/"

    def test_dana_reads_how_far_away_the_worker_is_and_sam_does_too(self, cast, sign_in):
        job = start_job(planned(cast, worker=cast.theo), by=cast.dana)
        report_position(cast.theo, latitude=Decimal("53.560086"), longitude=Decimal("9.993682"))
        for person in (cast.dana, cast.sam):
            text = sign_in(person).get(self.address(job)).content.decode()
            assert "about 1 km away, seen at 10:00" in text
        assert "seen at" not in sign_in(cast.bill).get(self.address(job)).content.decode()

    def test_it_follows_without_reloading(self, cast, sign_in):
        job = start_job(planned(cast, worker=cast.theo), by=cast.dana)
        live = f"/admin/jobs/job/{job.pk}/live/"
        assert "seen at" not in sign_in(cast.dana).get(live).content.decode()
        report_position(cast.theo, **HERE)
        assert "less than 100 m away, seen at 10:00" in sign_in(cast.dana).get(live).content.decode()

    def test_another_days_job_says_nothing_of_today(self, cast, sign_in):
        job = planned(cast, worker=cast.theo, day="2026-11-26")
        report_position(cast.theo, **HERE)
        assert "seen at" not in sign_in(cast.dana).get(self.address(job)).content.decode()
