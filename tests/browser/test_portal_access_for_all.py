"""WCAG 2.2 AA on every page, in both themes, by axe-core; and no page wider than a small telephone."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page

from jobs.services import complete_job
from tests.factories import make_job, make_location

RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
NO_AXE = "No axe-core: fetch it (npm pack axe-core), and say where its axe.min.js is with AXE_CORE=/path."


@pytest.fixture
def pages(cast) -> list[str]:
    make_location(cast.acme)
    where = {"address": "1 Mill Lane, 20095 Hamburg", "latitude": Decimal("53.55"), "longitude": Decimal("9.99")}
    job = make_job(cast.acme, cast.exchange, by=cast.dana, **where)
    done = make_job(cast.acme, cast.exchange, by=cast.dana)
    complete_job(done, by=cast.dana)
    one = f"/jobs/{job.number}/"
    return [
        "/", "/jobs/", "/jobs/?when=past&sort=place", "/jobs/?q=nothing", one, f"{one}edit/", f"{one}cancel/",
        f"/jobs/{done.number}/", "/jobs/new/skip-exchange/", "/me/", "/me/details/", "/me/password/", "/accounts/",
        "/nothing/", "/map/",
    ]  # fmt: skip


@pytest.fixture
def axe() -> str:
    path = os.environ.get("AXE_CORE", "")
    if not path:
        pytest.skip(NO_AXE)
    return Path(path).read_text()


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate(f"axe.run(document, {RULES})")
    assert found["passes"], "axe looked at nothing"
    return [f"{page.url}: {rule['id']}: {rule['nodes'][0]['html']}" for rule in found["violations"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(cast, pages, page_for, axe, dark):
    found = []
    visitor = page_for(dark=dark)
    for path in ("/login/", "/password/", "/password/sent/", "/password/new/MQ/a-b/", "/l/nothing/"):
        visitor.goto(path)
        found += violations(visitor, axe)
    page = page_for(cast.cora, dark=dark)
    for path in pages:
        page.goto(path)
        found += violations(page, axe)
    page.goto(pages[4])
    page.locator(".on-map summary").click()
    page.locator(".map-pin").wait_for()
    found += violations(page, axe)
    page.goto("/jobs/new/skip-exchange/")
    page.click("main form[enctype] button[type=submit]")
    found += violations(page, axe)
    assert not found, "\n".join(found)


def test_no_page_is_wider_than_a_small_telephone(cast, pages, page_for):
    page = page_for(cast.cora)
    page.set_viewport_size({"width": 320, "height": 640})
    too_wide = []
    for path in [*pages, "/l/nothing/"]:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            too_wide.append(path)
    assert not too_wide


def test_targets_are_large_enough_for_a_thumb(cast, pages, page_for):
    page = page_for(cast.cora, narrow=True)
    small = []
    for path in pages:
        page.goto(path)
        small += page.evaluate(
            """() => [...document.querySelectorAll('main button, main .btn, nav a, .foot a, summary, label.choice')]
                .filter(e => e.offsetParent !== null && e.getBoundingClientRect().height < 43.5)
                .map(e => location.pathname + ' ' + e.outerHTML.slice(0, 90))"""
        )
    assert not small, "\n".join(small)
