"""In German: Cora through her door to a new job, Dana through the console."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils import timezone
from playwright.sync_api import Page, expect

from jobs.models import Job
from jobs.services import schedule_job
from tests.factories import PASSWORD, make_job, make_location

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_cora_signs_in_looks_at_her_jobs_and_asks_for_one(cast, page_for, screenshot):
    make_location(cast.acme, street="Lange Reihe 1")
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(job, by=cast.dana, start=timezone.make_aware(datetime(2031, 11, 24, 8, 30)), worker=cast.theo)
    page: Page = page_for(locale="de-DE", narrow=True)
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    screenshot(page, "german-sign-in")
    page.get_by_label("E-Mail").fill(cast.cora.user.email)
    page.get_by_label("Passwort", exact=True).fill("nicht das richtige")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.locator("main")).to_contain_text("E-Mail und Passwort passen nicht zusammen")
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.locator("nav").first).to_contain_text("Aufträge")
    assert page.evaluate(FITS)
    screenshot(page, "german-home")
    page.goto("/jobs/")
    expect(page.locator(".jobs")).to_contain_text("24. November 2031")
    assert page.evaluate(FITS)
    screenshot(page, "german-jobs")
    page.goto(f"/jobs/{job.number}/")
    expect(page.locator("main")).to_contain_text(re.compile("Geplant für Montag, 24. November 2031, 08:30 Uhr"))
    assert page.evaluate(FITS)
    page.goto(f"/jobs/new/{cast.exchange.slug}/")
    page.select_option("#id_account", label="Acme Builders")
    page.select_option("[name=place]", label="Lange Reihe 1, 20095 Hamburg")
    page.locator("[name=notes]").fill("Bitte klingeln.")
    assert page.evaluate(FITS)
    screenshot(page, "german-new-job")
    page.get_by_role("button", name="Anfrage senden").click()
    expect(page.locator("body")).to_contain_text("Wir haben Ihre Anfrage und nennen Ihnen die Zeit.")
    assert "Bitte klingeln." in Job.objects.latest("pk").notes


def test_dana_chooses_german_in_the_console(cast, page_for, screenshot):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    page: Page = page_for(cast.dana)
    page.goto("/admin/language/")
    page.get_by_label("Deutsch").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^de"))
    expect(page.locator("body")).to_contain_text("Ihre Sprache ist gespeichert.")
    screenshot(page, "german-console")
    page.goto("/admin/jobs/job/")
    expect(page.locator("body")).to_contain_text("Nicht zugeteilt")
    screenshot(page, "german-console-jobs")
    page.goto(f"/admin/jobs/job/{job.pk}/change/")
    expect(page.locator("body")).to_contain_text("Was geschah")
    screenshot(page, "german-console-job")
    page.goto("/admin/schedule/")
    expect(page.locator("body")).to_contain_text("Warten auf eine Zeit")
    screenshot(page, "german-console-schedule")
