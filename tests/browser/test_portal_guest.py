"""Gita at the portal link, from the question to the end of the job."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from jobs.services import complete_job
from tests.factories import make_job


def test_gita_follows_her_job_until_it_is_done(cast, page_for, screenshot):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_email="gita@example.com")
    door = f"/l/{job.portal_links.get().token}/"
    page: Page = page_for(narrow=True)
    page.goto(door)
    screenshot(page, "portal-guest-question")
    page.fill("[name=answer]", "somebody@example.com")
    page.click("text=Show my job")
    expect(page.locator("#problems")).to_contain_text("That did not open it")
    expect(page.locator("#problems")).to_contain_text("+49 40 5550100")
    page.fill("[name=answer]", " GITA@example.com ")
    page.click("text=Show my job")
    expect(page.locator("h1")).to_have_text("Skip exchange")
    screenshot(page, "portal-guest-job")
    page.goto("/jobs/")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto(door)
    complete_job(job, by=cast.dana)
    # The page asks every half minute; when the link is dead it shows the whole of it.
    with page.expect_navigation():
        page.evaluate("htmx.ajax('GET', document.querySelector('#live').getAttribute('hx-get'), '#live')")
    expect(page.locator("h1")).to_have_text("This link has ended")
    expect(page.locator("main")).to_contain_text("+49 40 5550100")
