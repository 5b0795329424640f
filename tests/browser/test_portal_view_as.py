"""Dana sees the companion site as Cora does, and can change nothing there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import ViewAs
from jobs.models import Job
from tests.factories import make_job


@pytest.fixture
def dana_as_cora(cast, page_for) -> Page:
    page: Page = page_for(cast.dana)
    page.goto(f"/admin/accounts/portaluser/{cast.cora.pk}/change/")
    page.get_by_role("link", name="View as").or_(page.get_by_role("button", name="View as")).first.click()
    page.locator("#dialog").wait_for()
    page.locator("#dialog [name=reason]").fill("She called: a button is missing")
    with page.expect_navigation():
        page.locator("#dialog button[type=submit]").click()
    return page


def test_she_sees_what_cora_sees_and_every_form_is_refused(cast, dana_as_cora, screenshot):
    page = dana_as_cora
    job, stranger = (make_job(customer, cast.exchange, by=cast.dana) for customer in (cast.acme, cast.cedar))
    expect(page.locator(".looking")).to_contain_text("You see this site as Cora does")
    page.goto("/jobs/")
    expect(page.locator("main")).to_contain_text(job.number)
    expect(page.locator("main")).not_to_contain_text(stranger.number)
    screenshot(page, "portal-view-as")
    # She fills a form in as Cora would, and the server says no.
    page.goto(f"/jobs/{job.number}/")
    page.get_by_role("link", name="Cancel this job").click()
    page.fill("[name=words]", "Only trying")
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.locator("h1")).to_have_text("You are only looking")
    page.goto(f"/jobs/{job.number}/messages/")
    page.get_by_role("button", name="Send these messages").click()
    expect(page.locator("h1")).to_have_text("You are only looking")
    page.goto(f"/jobs/new/{cast.exchange.slug}/")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator("h1")).to_have_text("You are only looking")
    job.refresh_from_db()
    assert job.is_open
    assert Job.objects.count() == 2


def test_the_banner_leads_back_to_coras_page_in_the_console(cast, dana_as_cora):
    page = dana_as_cora
    with page.expect_navigation():
        page.get_by_role("button", name="Stop looking").click()
    assert page.url.endswith(f"/admin/accounts/portaluser/{cast.cora.pk}/change/")
    look = ViewAs.objects.get()
    assert look.ended_at is not None
    assert look.history.last().history_change_reason == "She called: a button is missing"
    page.goto("/jobs/")
    expect(page.locator("h1")).to_have_text("You have no account on this site")
