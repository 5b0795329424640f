"""The companion site in a browser that runs no script: everything but the map and live news."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from jobs.choices import JobStatus
from jobs.models import Job
from jobs.services import start_job
from tests.factories import make_job, make_location, make_template
from tests.site_map import EVERY_KIND


def nothing_is_hidden(page: Page) -> None:
    """What a script would show when it is needed is there from the beginning."""
    buttons = "main button:not([data-with-script] *)"
    # What stands in a <details> she opens without a script.
    fields = page.locator(f"main input:not([type=hidden]):not(details *), main select, main textarea, {buttons}")
    # The page that a click leads to may not be there yet.
    expect(fields).not_to_have_count(0)
    for n in range(fields.count()):
        assert fields.nth(n).is_visible(), fields.nth(n).evaluate("e => e.outerHTML")


def test_she_asks_for_a_job_changes_it_and_calls_it_off(cast, page_for):
    make_template("Wardrobe delivery", fields=EVERY_KIND)
    make_location(cast.acme, street="1 Mill Lane")
    page: Page = page_for(cast.cora, narrow=True, scripts=False)
    expect(page.locator("h1")).to_have_text("Hello Cora")
    page.click("text=Wardrobe delivery")
    nothing_is_hidden(page)
    page.click("main form[enctype] button[type=submit]")
    expect(page.locator("#id_account_error")).to_contain_text("choose the account")
    page.select_option("#id_account", label="Acme Builders")
    page.select_option("[name=place]", value="new")
    page.fill("[name=street]", "9 Old Road")
    page.fill("[name=city]", "Hamburg")
    page.fill("[name=field_gate]", "North")
    page.fill("[name=field_budget]", "120,50")
    page.check("[name=field_size][value=large]")
    page.click("main form[enctype] button[type=submit]")
    expect(page.locator("main")).to_contain_text("We have your request")
    job = Job.objects.get()
    assert (job.address, job.values["gate"]) == ("9 Old Road, Hamburg", "North")
    page.click(".job-actions >> text=Change")
    nothing_is_hidden(page)
    page.fill("[name=contact_name]", "Zoe")
    page.click("text=Save the changes")
    expect(page.locator("main")).to_contain_text("Zoe")
    page.click("text=Cancel this job")
    page.fill("[name=words]", "We moved")
    page.click("text=Yes, cancel it")
    expect(page.locator("main")).to_contain_text("is cancelled")
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED


def test_she_switches_searches_filters_and_follows(cast, page_for):
    ours = make_job(cast.acme, cast.exchange, by=cast.dana, address="1 Mill Lane")
    theirs = make_job(cast.birch, cast.exchange, by=cast.dana, address="2 Harbour Road")
    page: Page = page_for(cast.cora, narrow=True, scripts=False)
    page.goto("/jobs/")
    page.fill("#q", "mill")
    page.press("#q", "Enter")
    expect(page.locator(".jobs > li")).to_have_count(1)
    page.goto("/jobs/")
    page.click(".filters summary")
    page.select_option(".filters select >> nth=0", index=1)
    page.click("main form button[type=submit] >> nth=0")
    assert "status" in page.url or "=" in page.url
    page.goto("/jobs/")
    page.click(".top summary")
    page.click("button:has-text('Birch Hotel')")
    expect(page.locator(".jobs")).to_contain_text(theirs.number)
    expect(page.locator(".jobs")).not_to_contain_text(ours.number)
    page.goto(f"/jobs/{ours.number}/")
    start_job(ours, by=cast.dana)
    page.reload()
    expect(page.locator("#live")).to_contain_text("We are on it")
    page.goto("/me/")
    page.click("main >> text=Sign out >> nth=-1")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_gita_follows_her_link(cast, page_for):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_email="gita@example.com")
    page: Page = page_for(scripts=False)
    page.goto(f"/l/{job.portal_links.get().token}/")
    page.fill("[name=answer]", "gita@example.com")
    page.click("text=Show my job")
    expect(page.locator("h1")).to_have_text("Skip exchange")
