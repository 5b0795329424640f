"""Cora at her own door: two customers, asking, following, changing, calling off."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from jobs.choices import JobStatus
from jobs.models import ChangeRequest, Job
from jobs.services import complete_job, schedule_job, start_job
from permissions.models import PermissionOverride
from tests.factories import make_job, make_location, make_template


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    out = BytesIO()
    Image.new("RGB", (320, 200), "#0f766e").save(out, "JPEG")
    path = tmp_path / "gate.jpg"
    path.write_bytes(out.getvalue())
    return path


def test_she_switches_between_her_customers(cast, page_for, screenshot):
    ours = make_job(cast.acme, cast.exchange, by=cast.dana)
    theirs = make_job(cast.birch, cast.exchange, by=cast.dana)
    page: Page = page_for(cast.cora)
    page.click("nav >> text=Jobs")
    expect(page.locator(".jobs > li")).to_have_count(2)
    page.click("summary:has-text('All accounts')")
    page.click("button:has-text('Birch Hotel')")
    expect(page.locator(".jobs > li")).to_have_count(1)
    expect(page.locator(".jobs")).to_contain_text(theirs.number)
    expect(page.locator(".jobs")).not_to_contain_text(ours.number)
    screenshot(page, "portal-jobs")


def test_she_asks_for_a_job_with_a_photo_and_follows_it(cast, page_for, photo, screenshot):
    fields = (
        {"label": "About the gate", "kind": "header", "portal_use": "optional"},
        {"label": "Gate", "kind": "text", "portal_use": "required"},
        {"label": "Bins", "kind": "number", "portal_use": "optional"},
        {"label": "Budget", "kind": "currency", "portal_use": "optional"},
        {"label": "Ready at", "kind": "datetime", "portal_use": "optional"},
        {"label": "Dog", "kind": "checkbox", "portal_use": "optional"},
        {"label": "Size", "kind": "pick", "portal_use": "optional", "choices": ["small", "large"]},
        {"label": "Waste", "kind": "multi_pick", "portal_use": "optional", "choices": ["wood", "stone"]},
        {"label": "Plan", "kind": "link", "portal_use": "optional"},
        {"label": "Corner", "kind": "location", "portal_use": "optional"},
        {"label": "Photo", "kind": "file", "portal_use": "optional"},
        {"label": "Signed", "kind": "signature", "portal_use": "optional"},
    )
    make_template("Wardrobe delivery", fields=fields)
    make_location(cast.acme, street="1 Mill Lane")
    make_location(cast.birch, street="2 Harbour Road")
    page: Page = page_for(cast.cora, narrow=True)
    page.click("text=Wardrobe delivery")
    # Nothing filled in: what is missing stands beside its field, and nothing is lost.
    page.fill("[name=notes]", "Ring twice.")
    page.click("main form[enctype] button[type=submit]")
    expect(page.locator("#id_account_error")).to_contain_text("choose the account")
    expect(page.locator("[name=notes]")).to_have_value("Ring twice.")
    page.select_option("#id_account", label="Acme Builders")
    assert page.locator("optgroup[label='Birch Hotel']").is_disabled()
    page.select_option("[name=place]", label="1 Mill Lane, 20095 Hamburg")
    assert page.locator("[name=street]").is_hidden()
    page.fill("[name=field_gate]", "North")
    page.fill("[name=field_bins]", "3")
    page.fill("[name=field_budget]", "120,50")
    page.fill("[name=field_ready_at]", "2027-03-01T08:30")
    page.check("[name=field_dog]")
    page.check("[name=field_size][value=large]")
    page.check("[name=field_waste][value=stone]")
    page.fill("[name=field_plan]", "https://plans.example/1")
    page.fill("[name=field_corner]", "Behind the shed")
    page.set_input_files("[name=field_photo]", photo)
    page.fill("[name=field_signed]", "Cora")
    screenshot(page, "portal-ask-for-a-job")
    page.click("main form[enctype] button[type=submit]")
    expect(page.locator("main")).to_contain_text("We have your request")
    job = Job.objects.get()
    expect(page.locator("img.picture")).to_be_visible()
    expect(page.locator("img.picture").first).to_have_js_property("naturalWidth", 320)
    schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(days=2))
    page.reload()
    expect(page.locator("#live")).to_contain_text("Planned for")
    start_job(job, by=cast.dana)
    page.reload()
    expect(page.locator("#live")).to_contain_text("We are on it")
    complete_job(job, by=cast.dana)
    page.reload()
    expect(page.locator("#live")).to_contain_text("Done on")
    screenshot(page, "portal-job")
    page.click("text=Book again")
    expect(page.locator("[name=field_gate]")).to_have_value("North")


def test_the_page_follows_the_job_by_itself(cast, page_for):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    page: Page = page_for(cast.cora)
    page.goto(f"/jobs/{job.number}/")
    start_job(job, by=cast.dana)
    # What the clock does every half minute.
    page.evaluate(
        "htmx.ajax('GET', document.querySelector('#live').getAttribute('hx-get'), {target: '#live', swap: 'outerHTML'})"
    )
    expect(page.locator("#live")).to_contain_text("We are on it")


def test_she_changes_it_calls_it_off_and_comes_too_late(cast, page_for, screenshot):
    make_location(cast.acme, street="1 Mill Lane")
    early = make_job(cast.acme, cast.exchange, by=cast.dana, address="9 Old Road, 20095 Hamburg")
    late = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(late, by=cast.dana, start=timezone.now() + timedelta(hours=2))
    page: Page = page_for(cast.cora)
    page.goto(f"/jobs/{early.number}/")
    page.click(".job-actions >> text=Change")
    page.fill("[name=contact_name]", "Zoe")
    page.click("text=Save the changes")
    expect(page.locator("main")).to_contain_text("Your changes are saved")
    expect(page.locator("main")).to_contain_text("Zoe")
    page.click("text=Cancel this job")
    page.fill("[name=words]", "We moved")
    screenshot(page, "portal-cancel-job")
    page.click("text=Yes, cancel it")
    expect(page.locator("main")).to_contain_text("is cancelled")
    page.goto(f"/jobs/{late.number}/")
    page.click("text=Ask us to cancel")
    page.fill("[name=words]", "Rain")
    page.click("text=Send the request")
    expect(page.locator("#live")).to_contain_text("You asked us to cancel")
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.status, late.status) == (JobStatus.CANCELLED, JobStatus.SCHEDULED)
    assert ChangeRequest.objects.get().job == late


def test_denied_she_finds_no_button(cast, page_for):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="cancel_jobs", effect="deny")
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    page: Page = page_for(cast.cora)
    page.goto(f"/jobs/{job.number}/")
    expect(page.locator("main")).not_to_contain_text("Cancel this job")
    page.goto(f"/jobs/{job.number}/cancel/")
    expect(page.locator("h1")).to_have_text("This is not open to you")


def test_she_searches_as_she_types_and_the_address_keeps_it(cast, page_for):
    for street in ("1 Mill Lane", "2 Harbour Road"):
        make_job(cast.acme, cast.exchange, by=cast.dana, address=street)
    page: Page = page_for(cast.cora)
    page.goto("/jobs/")
    page.type("#q", "mill")
    expect(page.locator(".jobs > li")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=mill"))
    page.reload()
    expect(page.locator(".jobs > li")).to_have_count(1)


def test_everything_can_be_reached_by_keyboard(cast, page_for):
    make_job(cast.acme, cast.exchange, by=cast.dana)
    page: Page = page_for(cast.cora)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.focus("details.menu summary")
    page.keyboard.press("Enter")
    expect(page.locator("button:has-text('Birch Hotel')")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("button:has-text('Birch Hotel')")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
