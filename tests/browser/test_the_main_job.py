"""The main job, end to end: one story, told in the browser by everybody it concerns.

A link, a denial, an import by the worker, the message with the portal link, the customer's page without the button,
the guest's page that dies with the job, and support who finds all of it and may change none of it.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from alerts import tasks as alert_tasks
from alerts.models import Delivery
from alerts.services import install_default_alerts, words_to_send
from imports import tasks as import_tasks
from imports.models import ImportRun
from jobs.models import Job
from tests.factories import make_job, make_portal_user

FILE = """Order;Service;Customer;Contact;E-mail;Address;Planned start
A-1;Skip exchange;Acme Builders;Gita Green;gita@acme.example;Mill Lane 1, Hamburg;2027-03-01 08:00
A-2;Skip exchange;Acme Builders;Gita Green;gita@acme.example;Mill Lane 1, Hamburg;31 February 2027
"""


def work() -> None:
    """What the worker does, in the test's own process: its broker and its clock are tested elsewhere."""
    for run_id in ImportRun.objects.values_list("pk", flat=True):
        import_tasks.work(run_id)
    alert_tasks.sweep()


def click(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def in_dialog(page: Page) -> Page:
    page.locator("#dialog").wait_for()
    return page


@pytest.fixture
def newcomer(cast):
    """Nora is a portal user without a customer yet."""
    return make_portal_user("nora@example.com")


def test_the_main_job(cast, newcomer, page_for, screenshot, tmp_path):
    install_default_alerts(by=cast.olivia)
    earlier = make_job(cast.acme, cast.exchange, by=cast.dana)

    # 1. Dana sees her day, links Nora to Acme and denies Cora to cancel.
    dana = page_for(cast.dana)
    expect(dana.get_by_text("Hello Dana")).to_be_visible()
    screenshot(dana, "story-dashboard")
    dana.goto(f"/admin/accounts/customer/{cast.acme.pk}/change/")
    click(dana, "Enable portal")
    in_dialog(dana).locator("#dialog input[name=email]").fill(newcomer.user.email)
    with dana.expect_navigation():
        dana.locator("#dialog button[type=submit]").click()
    assert newcomer.links.get().customer == cast.acme
    dana.goto(f"/admin/accounts/portaluser/{cast.cora.pk}/change/")
    click(dana, "Set a permission")
    in_dialog(dana).locator("select[name=permission]").select_option("cancel_jobs")
    dana.locator("#dialog input[type=radio][value=deny]").check()
    dana.locator("#dialog input[name=reason]").fill("Cancelled five in a row")
    with dana.expect_navigation():
        dana.locator("#dialog button[type=submit]").click()
    assert cast.cora.overrides.get().effect == "deny"
    dana.goto(f"/admin/accounts/portaluser/{cast.cora.pk}/history/")
    expect(dana.get_by_text("Cancelled five in a row").first).to_be_visible()
    dana.goto(f"/admin/accounts/customer/{cast.acme.pk}/history/")
    expect(dana.get_by_text("Acme Builders").first).to_be_visible()

    # 2. Ines imports a file with one faulty row; the worker does it while she watches.
    ines = page_for(cast.ines)
    path = tmp_path / "orders.csv"
    path.write_text(FILE)
    ines.goto("/admin/imports/importrun/upload/")
    ines.set_input_files("input[type=file]", str(path))
    ines.locator("main form, #content form").locator("button[type=submit]").last.click()
    ines.wait_for_url(re.compile(r"/mapping/"))
    screenshot(ines, "story-import-columns")
    click(ines, "Check the file")
    ines.wait_for_url(re.compile(r"/change/"))
    work()
    ines.reload()
    expect(ines.get_by_text("31 February 2027")).to_be_visible()
    expect(ines.get_by_text("Planned start").first).to_be_visible()
    screenshot(ines, "story-import-check")
    click(ines, re.compile(r"^\s*Import 1 row"))
    in_dialog(ines).locator("#dialog button[type=submit]").click()
    expect(ines.get_by_role("progressbar")).to_be_visible()
    screenshot(ines, "story-import-progress")
    work()
    expect(ines.get_by_text("A-2").or_(ines.get_by_text("31 February 2027")).first).to_be_visible()
    job = Job.objects.get(external_id="A-1")
    screenshot(ines, "story-import-result")
    ines.goto(f"/admin/jobs/job/{job.pk}/change/")
    expect(ines.get_by_text(job.number).first).to_be_visible()

    # 3. The job carries its link, and its site contact was told, by mail and as a file.
    link = job.portal_links.get()
    assert "{portal_link}" in job.notes
    work()
    told = Delivery.objects.filter(job=job, recipient="gita@acme.example")
    assert any(link.url in words_to_send(one)[1] for one in told)
    dana.goto("/admin/alerts/delivery/")
    expect(dana.get_by_text("gita@acme.example").first).to_be_visible()
    screenshot(dana, "story-ledger")

    # 4. Cora sees exactly her customers' jobs, and no button to cancel.
    cora = page_for(cast.cora)
    stranger = make_job(cast.cedar, cast.exchange, by=cast.dana)
    cora.goto("/jobs/")
    expect(cora.get_by_text(job.number)).to_be_visible()
    expect(cora.get_by_text(earlier.number)).to_be_visible()
    expect(cora.get_by_text(stranger.number)).to_have_count(0)
    cora.locator(f"a[href='/jobs/{job.number}/']").first.click()
    screenshot(cora, "story-portal-job")
    expect(cora.get_by_role("link", name="Cancel")).to_have_count(0)
    refused = cora.goto(f"/jobs/{job.number}/cancel/")
    assert refused is not None and refused.status == 403
    hidden = cora.goto(f"/jobs/{stranger.number}/")
    assert hidden is not None and hidden.status == 404

    # 5. Gita opens the link, proves herself, sees that job and nothing else; then it dies with the job.
    gita = page_for()
    gita.goto(f"/l/{link.token}/")
    screenshot(gita, "story-guest-ask")
    gita.get_by_label("e-mail").fill(" GITA@acme.example ")
    click(gita, "Show my job")
    expect(gita.get_by_text(job.number).first).to_be_visible()
    screenshot(gita, "story-guest-job")
    gita.goto(f"/jobs/{job.number}/")
    assert "/login/" in gita.url
    dana.goto(f"/admin/jobs/job/{job.pk}/change/")
    click(dana, "Complete")
    with dana.expect_navigation():
        in_dialog(dana).locator("#dialog button[type=submit]").click()
    gita.goto(f"/l/{link.token}/")
    expect(gita.get_by_text(job.number)).to_have_count(0)

    # 6. Sam finds all of it in the log, and is refused every change.
    sam = page_for(cast.sam)
    sam.goto("/admin/changelog/?words=Cancel")
    expect(sam.get_by_text("Cancelled five in a row").first).to_be_visible()
    sam.goto(f"/admin/changelog/?words={job.number}")
    expect(sam.get_by_text("Completed").first).to_be_visible()
    screenshot(sam, "story-change-log")
    sam.goto(f"/admin/jobs/job/{job.pk}/change/")
    expect(sam.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    refused = sam.goto(f"/admin/accounts/portaluser/{cast.cora.pk}/set_permission/")
    assert refused is not None and refused.status == 403
