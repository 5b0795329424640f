"""The companion site by keyboard alone: skipping to the content, and a whole errand. What Tab reaches on each page,
test_portal_access_for_all.py asks on its walk.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.factories import make_job


def test_the_first_press_offers_to_skip_to_the_content(walk):
    """But where a page begins in its one field."""
    for stop, page in walk(only="Cora"):
        begins_at_the_top = page.evaluate("document.activeElement === document.body")
        if begins_at_the_top and page.locator("header").count():
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip", stop.name
            assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0, stop.name
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "content", stop.name


def test_she_cancels_a_job_without_a_mouse(cast, page_for):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    page: Page = page_for(cast.cora)

    def tab_to(words: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if words in (page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")):
                return
        raise AssertionError(f"Tab does not lead to {words!r}")

    tab_to(job.number)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Skip exchange")
    tab_to("Cancel this job")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Cancel this job?")
    tab_to("words")
    page.keyboard.type("We moved")
    tab_to("Yes, cancel it")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("is cancelled")
    job.refresh_from_db()
    assert not job.is_open
