"""A time that comes twice, or not at all, in the forms of the office and of the customer: asked, chosen by keyboard."""

from __future__ import annotations

from datetime import datetime

from jobs.models import Job
from jobs.services import schedule_job
from permissions.models import PermissionOverride
from tests.browser.axe import violations
from tests.factories import make_job, make_location, make_template, make_worker

TWICE, SUMMER, WINTER = "2027-10-31T02:30", "2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00"
SKIPPED = "2027-03-28T02:30"


def template():
    return make_template("Tank cleaning", fields=({"label": "Ready at", "kind": "datetime", "portal_use": "optional"},))


def chosen_by_keyboard(page, name):
    """From the time one tab leads to the question, an arrow to the second answer."""
    page.locator(f"[name={name}_which]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")


def test_dana_is_asked_and_keeps_what_she_typed(cast, page_for, screenshot, axe_core):
    page = page_for(cast.dana)
    page.goto(f"/admin/jobs/job/add/?template={template().slug}&customer={cast.acme.pk}")
    page.locator("[name=contact_name]").fill("Pat")
    page.get_by_text("Job", exact=True).first.click()
    page.locator("[name=requested_start]").fill(TWICE)
    page.locator("[name=planned_start]").fill(SKIPPED)
    page.locator("[name=_save]").first.click()
    page.get_by_role("group", name="02:30 comes twice. Which one?").wait_for()
    assert page.get_by_role("group", name="02:30 doesn't exist. Which time instead?").is_visible()
    assert page.locator("[name=requested_start]").input_value() == TWICE
    # The search box of the customer may tell a change when it is drawn, late on a busy machine.
    page.evaluate("django.jQuery('[name=customer]').trigger('change')")
    page.wait_for_load_state("networkidle")
    assert page.locator("[name=contact_name]").input_value() == "Pat"
    screenshot(page, "clocks-console-light")
    assert not violations(page, axe_core, rules=["label", "aria-valid-attr-value", "duplicate-id-aria"])
    chosen_by_keyboard(page, "requested_start")
    chosen_by_keyboard(page, "planned_start")
    with page.expect_navigation():
        page.locator("[name=_save]").first.click()
    job = Job.objects.get()
    assert job.requested_start == datetime.fromisoformat(WINTER)
    assert job.planned_start == datetime.fromisoformat("2027-03-28T03:30+02:00")

    # What lies there is shown as it is, and saved untouched without a question.
    page.goto(f"/admin/jobs/job/{job.pk}/change/")
    assert page.locator(f"[name=requested_start_which][value='{WINTER}']").is_checked()
    dark = page_for(cast.dana, dark=True)
    dark.goto(page.url)
    screenshot(dark, "clocks-console-dark")
    page.get_by_text("Where and who", exact=True).click()
    page.locator("[name=contact_name]").fill("Pam")
    with page.expect_navigation():
        page.locator("[name=_save]").first.click()
    kept = Job.objects.get()
    assert (kept.contact_name, kept.requested_start) == ("Pam", job.requested_start)


def test_the_dialog_of_the_schedule_asks_too(cast, page_for, screenshot):
    make_worker("Wanda")
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(job, by=cast.dana, start=datetime.fromisoformat("2027-10-31T08:00+01:00"), worker=cast.theo)
    page = page_for(cast.dana)
    page.goto("/admin/schedule/?view=day&day=2027-10-31")
    page.locator(f"[data-job={job.number}]").focus()
    page.keyboard.press("Enter")
    page.locator("#dialog input[name=start]").fill(TWICE)
    page.locator("#dialog button[type=submit]").click()
    page.get_by_role("group", name="02:30 comes twice. Which one?").wait_for()
    screenshot(page, "clocks-dialog")
    page.get_by_label("02:30 in summer time (CEST, UTC+02:00)").check()
    with page.expect_navigation():
        page.locator("#dialog button[type=submit]").click()
    assert Job.objects.get().planned_start == datetime.fromisoformat(SUMMER)

    # Another worker, the same moment.
    second = datetime.fromisoformat(WINTER)
    schedule_job(Job.objects.get(), by=cast.dana, start=second)
    page.goto("/admin/schedule/?view=day&day=2027-10-31")
    page.locator(f"[data-job={job.number}]").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.locator(".sc-said:not(:empty)").wait_for()
    moved = Job.objects.get()
    assert moved.worker != cast.theo and moved.planned_start == second


def test_cora_is_asked_on_her_page(cast, page_for, screenshot, axe_core):
    place = make_location(cast.acme)
    PermissionOverride.objects.create(portal_user=cast.cora, permission="request_start_time", effect="allow")
    page = page_for(cast.cora)
    page.goto(f"/jobs/new/{template().slug}/")
    page.locator("select[name=account]").select_option(str(cast.acme.pk))
    page.locator("[name=place]").select_option(str(place.pk))
    page.locator("[name=requested_start]").fill(TWICE)
    page.locator("[name=field_ready_at]").fill(SKIPPED)
    page.locator("[name=notes]").fill("Mind the dog.")
    page.locator("main form button[type=submit]").last.click()
    page.get_by_role("group", name="02:30 comes twice. Which one?").wait_for()
    assert page.get_by_role("group", name="02:30 doesn't exist. Which time instead?").is_visible()
    assert page.locator("[name=notes]").input_value() == "Mind the dog."
    screenshot(page, "clocks-site-light")
    page.emulate_media(color_scheme="dark")
    screenshot(page, "clocks-site-dark")
    page.emulate_media(color_scheme="light")
    assert not violations(page, axe_core)
    chosen_by_keyboard(page, "requested_start")
    page.get_by_label("03:30").check()
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    job = Job.objects.get()
    assert job.requested_start == datetime.fromisoformat(WINTER)
    assert datetime.fromisoformat(job.values["ready_at"]) == datetime.fromisoformat("2027-03-28T03:30+02:00")
