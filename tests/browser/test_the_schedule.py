from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from jobs.models import Job
from tests.factories import make_job, make_template, make_worker

DAY = timezone.localdate() + timedelta(days=3)


def at(clock):
    return timezone.make_aware(datetime.fromisoformat(f"{DAY.isoformat()}T{clock}"))


def said(page):
    page.locator(".sc-said:not(:empty)").wait_for()
    return page.locator(".sc-said").inner_text()


def test_dana_drags_a_job_to_a_worker_and_moves_it_on_by_keyboard(cast, page_for, screenshot):
    wanda = make_worker("Wanda")
    job = make_job(cast.acme, cast.exchange, duration_minutes=60)
    page = page_for(cast.dana)
    page.goto(f"/admin/schedule/?day={DAY.isoformat()}")
    waiting = page.locator(f".sc-waiting [data-job={job.number}]")
    waiting.drag_to(page.locator(f".sc-track[data-worker='{cast.theo.pk}']"), target_position={"x": 200, "y": 20})
    assert "Theo" in said(page)
    dropped = Job.objects.get(pk=job.pk)
    assert dropped.worker == cast.theo and timezone.localtime(dropped.planned_start).date() == DAY

    page.locator(f".sc-board [data-job={job.number}]").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.get_by_role("status").filter(has_text="Wanda").wait_for()
    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_function(
        "([number, before]) =>"
        " !document.querySelector(`.sc-board [data-job=${number}]`)?.dataset.start.startsWith(before)",
        arg=[job.number, timezone.localtime(dropped.planned_start).strftime("%Y-%m-%dT%H:%M")],
    )
    moved = Job.objects.get(pk=job.pk)
    assert (moved.worker, moved.planned_start) == (wanda, dropped.planned_start + timedelta(minutes=15))
    screenshot(page, "schedule-day")


def test_enter_opens_its_times_and_leads_back_to_the_board(cast, page_for):
    job = make_job(cast.acme, cast.exchange, planned_start=at("10:00"), worker=cast.theo)
    page = page_for(cast.dana)
    page.goto(f"/admin/schedule/?day={DAY.isoformat()}")
    page.locator(f"[data-job={job.number}]").focus()
    page.keyboard.press("Enter")
    page.locator("#dialog input[name=start]").fill(f"{DAY.isoformat()}T15:00")
    with page.expect_navigation():
        page.locator("#dialog button[type=submit]").click()
    assert "/admin/schedule/" in page.url
    assert Job.objects.get(pk=job.pk).planned_start == at("15:00")


def test_sam_sees_the_week_and_can_drag_nothing(cast, page_for, screenshot):
    job = make_job(cast.acme, cast.exchange, planned_start=at("10:00"), worker=cast.theo)
    page = page_for(cast.sam)
    page.goto(f"/admin/schedule/?view=week&day={DAY.isoformat()}")
    card = page.locator(f"[data-job={job.number}]")
    assert card.is_visible() and card.get_attribute("draggable") is None
    screenshot(page, "schedule-week")


def test_a_field_appears_when_the_other_has_its_value(cast, page_for):
    template = make_template(
        "Street skip",
        fields=(
            {"label": "Street", "kind": "checkbox"},
            {"label": "Permit", "kind": "text", "shown_when": "street", "shown_value": "yes"},
        ),
    )
    page = page_for(cast.dana)
    page.goto(f"/admin/jobs/job/add/?template={template.slug}&customer={cast.acme.pk}")
    page.get_by_text("Fields", exact=True).click()
    assert not page.locator("[name=value_permit]").is_visible()
    page.locator("[name=value_street]").check()
    page.locator("[name=value_permit]").wait_for(state="visible")
