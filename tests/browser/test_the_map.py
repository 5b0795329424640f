"""Leaflet on the real site, under the real policies: every refusal of a browser is a line on its console."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from jobs.services import report_position, schedule_job, start_job
from permissions.services import set_override
from tests.factories import make_job

YARD = {"latitude": Decimal("53.551086"), "longitude": Decimal("9.993682"), "address": "1 Mill Lane"}
QUAY = {"latitude": Decimal("53.541000"), "longitude": Decimal("9.970000"), "address": "2 Quay"}
NORTH = {"latitude": Decimal("53.560069"), "longitude": Decimal("9.993682")}
AT_MOST = 100_000


@pytest.fixture
def jobs(cast):
    """One under way with Theo, one later today, one without a place."""
    set_override(cast.cora, "view_worker", "allow", by=cast.dana, reason="For this story")
    now = timezone.now()
    begun = make_job(cast.acme, cast.exchange, by=cast.dana, **YARD)
    begun = start_job(schedule_job(begun, by=cast.dana, start=now, worker=cast.theo), by=cast.dana)
    later = make_job(cast.birch, cast.exchange, by=cast.dana, planned_start=now + timedelta(minutes=1), **QUAY)
    report_position(cast.theo, **NORTH)
    return begun, later, make_job(cast.acme, cast.exchange, by=cast.dana)


@pytest.fixture
def complaints():
    """``complaints(page)``: what the page's console says from now on."""

    def listen(page):
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
        return said

    return listen


def pins(page, kind):
    return page.locator(f".map-pin.map-{kind}")


def read_anew(page):
    """What happens every half a minute."""
    with page.expect_response(lambda answer: "part=list" in answer.url):
        page.clock.fast_forward(31_000)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_cora_sees_her_jobs_and_the_worker_who_moves(cast, jobs, page_for, screenshot, complaints, dark):
    page = page_for(cast.cora, dark=dark)
    said = complaints(page)
    page.clock.install()
    page.goto("/map/")
    pins(page, "worker").wait_for()
    assert (pins(page, "job").count(), pins(page, "worker").count()) == (2, 1)
    screenshot(page, "portal-map-dark" if dark else "portal-map")

    before = page.locator("[data-kind=worker]").get_attribute("data-lat")
    report_position(cast.theo, latitude=Decimal("53.580000"), longitude=Decimal("9.993682"))
    read_anew(page)
    page.wait_for_function("before => document.querySelector('[data-kind=worker]').dataset.lat !== before", arg=before)
    assert "about 3 km away" in page.locator(".spot-worker").inner_text()
    assert (pins(page, "job").count(), pins(page, "worker").count()) == (2, 1)

    page.get_by_role("button", name=re.compile("Show on the map.*2 Quay")).press("Enter")
    assert "2 Quay" in page.locator(".leaflet-popup-content").inner_text()
    assert not said, said


def test_the_page_is_light_and_asks_nobody_else(cast, jobs, page_for):
    page = page_for(cast.cora)
    bodies: dict[str, int] = {}
    page.on("response", lambda answer: bodies.setdefault(answer.url, len(gzip.compress(answer.body(), 9))))
    page.goto("/map/")
    pins(page, "job").first.wait_for()
    assert sum(bodies.values()) <= AT_MOST, sorted(bodies.items(), key=lambda one: -one[1])


def test_her_jobs_page_shows_the_map_when_she_asks_for_it(cast, jobs, page_for, screenshot, complaints):
    page = page_for(cast.cora)
    said = complaints(page)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"/jobs/{jobs[0].number}/")
    page.get_by_text("About 1 km away").wait_for()
    assert not [url for url in loaded if "leaflet" in url]
    page.get_by_text("Show on the map").click()
    pins(page, "worker").wait_for()
    assert pins(page, "job").count() == 1
    screenshot(page, "portal-job-map")
    assert not said, said


def test_without_scripts_the_list_does_the_whole_job(cast, jobs, page_for, browser, site):
    cookies = page_for(cast.cora).context.cookies()
    context = browser.new_context(base_url=site, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/map/")
    assert page.get_by_role("link", name=jobs[0].number).is_visible()
    assert not page.locator("[data-map]").is_visible() and not page.get_by_text("Show on the map").first.is_visible()
    context.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_dana_sees_the_day_and_follows_it(cast, jobs, page_for, screenshot, complaints, dark):
    page = page_for(cast.dana, dark=dark)
    page.clock.install()
    page.goto("/admin/")
    said = complaints(page)
    page.locator("nav a[href='/admin/map/'], a[href='/admin/map/']").first.click()
    pins(page, "worker").wait_for()
    assert pins(page, "job").count() == 2
    screenshot(page, "console-map-dark" if dark else "console-map")
    make_job(cast.acme, cast.exchange, by=cast.dana, planned_start=timezone.now(), **NORTH)
    read_anew(page)
    page.wait_for_function("() => document.querySelectorAll('.map-pin.map-job').length === 3")
    page.get_by_role("button", name=f"Show {jobs[1].number} on the map").press("Enter")
    assert "Birch Hotel" in page.locator(".leaflet-popup-content").inner_text()
    assert not said, said


def test_the_worker_moves_on_the_open_page_of_a_job(cast, jobs, page_for, complaints):
    page = page_for(cast.dana)
    said = complaints(page)
    page.clock.install()
    page.goto(f"/admin/jobs/job/{jobs[0].pk}/change/")
    page.get_by_text("about 1 km away").wait_for()
    page.get_by_text("On the map").click()
    pins(page, "worker").wait_for()
    report_position(cast.theo, latitude=YARD["latitude"], longitude=YARD["longitude"])
    page.clock.fast_forward(16_000)
    page.get_by_text("less than 100 m away").wait_for()
    assert pins(page, "worker").count() == 1
    assert not [line for line in said if "Content Security Policy" in line], said
