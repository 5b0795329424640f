"""Gita at the portal link, from the question to the end of the job."""

from __future__ import annotations

import re

from django.core import mail
from playwright.sync_api import Page, expect

from alerts.models import JobAlert
from business.models import PortalSettings
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


def test_where_the_office_asks_for_more_a_code_opens_the_door(cast, portal, page_for, screenshot):
    portal.guest_proof = PortalSettings.GuestProof.CODE
    portal.save()
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_email="gita@example.com")
    page: Page = page_for(narrow=True)
    page.goto(f"/l/{job.portal_links.get().token}/")
    page.fill("[name=answer]", "gita@example.com")
    page.click("text=Show my job")
    expect(page.locator("h1")).to_have_text("We sent you a code")
    expect(page.locator("main")).not_to_contain_text(job.number)
    screenshot(page, "portal-guest-code")
    code = re.search(r"\d{6}", mail.outbox[-1].body)
    assert code is not None
    page.fill("[name=code]", f"{(int(code[0]) + 1) % 1_000_000:06d}")
    page.click("text=Show my job")
    expect(page.locator("main")).to_contain_text("not the code we sent")
    page.fill("[name=code]", code[0])
    page.click("text=Show my job")
    expect(page.locator("h1")).to_have_text("Skip exchange")


def test_gita_has_herself_told_changes_the_job_and_calls_it_off(cast, page_for, screenshot):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_email="gita@example.com")
    page: Page = page_for()
    page.goto(f"/l/{job.portal_links.get().token}/")
    page.fill("[name=answer]", "gita@example.com")
    page.click("text=Show my job")
    page.get_by_role("link", name="Messages about it").click()
    page.get_by_role("button", name="Send these messages").click()
    assert JobAlert.objects.get().address == "gita@example.com"
    page.get_by_role("button", name="Stop gita@example.com").click()
    expect(page.locator("main")).to_contain_text("No more messages about this job to gita@example.com")
    assert not JobAlert.objects.exists()
    page.get_by_role("link", name="Back to the job").click()
    page.get_by_role("link", name="Change").click()
    page.fill("[name=contact_name]", "Gita Green")
    page.fill("[name=street]", "5 Elm Row")
    page.fill("[name=city]", "Hamburg")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.locator("main")).to_contain_text("Gita Green")
    expect(page.locator("main")).to_contain_text("5 Elm Row, Hamburg")
    page.get_by_role("link", name="Cancel this job").click()
    page.fill("[name=words]", "Rain")
    page.get_by_role("button", name="Yes, cancel it").click()
    # With the job its link has ended: this page is the last word.
    expect(page.locator("main")).to_contain_text("Nobody will come")
    screenshot(page, "portal-guest-cancelled")
    job.refresh_from_db()
    assert not job.is_open
