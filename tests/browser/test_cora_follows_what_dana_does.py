"""Both sides of one job: Cora asks with a photo from her telephone; Dana plans, starts and completes it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from alerts.models import Delivery
from alerts.services import sweep
from jobs.models import Job
from permissions.models import PermissionOverride
from tests.factories import make_location, make_template


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    out = BytesIO()
    Image.new("RGB", (640, 480), "#64748b").save(out, "JPEG")
    path = tmp_path / "yard.jpg"
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def delivery(cast):
    fields = (
        {
            "label": "Waste", "kind": "pick", "portal_use": "required", "choices": ["wood", "rubble"],
        },
        {
            "label": "Heavier than a tonne", "kind": "checkbox", "portal_use": "optional",
            "shown_when": "waste", "shown_value": "rubble",
        },
        {"label": "Photo of the place", "kind": "file", "portal_use": "optional"},
    )  # fmt: skip
    template = make_template("Skip delivery", steps=("Drive there", "Put it down"), fields=fields)
    template.steps.update(portal_use="read_only")
    make_location(cast.birch, street="2 Harbour Road")
    make_location(cast.acme, street="1 Mill Lane")
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_worker", effect="allow")
    return template


def click_button(page: Page, button: str, **answers: str) -> None:
    """Presses a button of a job's page in the console and answers its dialog."""
    page.locator(f"[hx-get*='/{button}/']").locator("visible=true").first.click()
    dialog = page.locator("#dialog")
    dialog.wait_for()
    for field, value in answers.items():
        control = dialog.locator(f"[name={field}]")
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)
    with page.expect_navigation():
        dialog.locator("button[type=submit]").click()


def half_a_minute_later(page: Page) -> None:
    """What the page does by itself every half minute."""
    page.evaluate(
        "htmx.ajax('GET', document.querySelector('#live').getAttribute('hx-get'), {target: '#live', swap: 'outerHTML'})"
    )


def test_cora_asks_with_a_photo_and_follows_while_dana_does_it(cast, delivery, page_for, photo, screenshot):
    cora: Page = page_for(cast.cora, narrow=True)
    cora.goto("/")
    cora.get_by_role("link", name="Skip delivery").click()
    cora.select_option("#id_account", label="Acme Builders")
    cora.select_option("[name=place]", label="1 Mill Lane, 20095 Hamburg")
    # What counts only for rubble is asked only then.
    expect(cora.get_by_text("Heavier than a tonne")).to_be_hidden()
    cora.check("[name=field_waste][value=rubble]")
    expect(cora.get_by_text("Heavier than a tonne")).to_be_visible()
    cora.check("[name=field_heavier_than_a_tonne]")
    cora.set_input_files("[name=field_photo_of_the_place]", photo)
    screenshot(cora, "story-cora-asks")
    cora.get_by_role("button", name="Send the request").click()
    expect(cora.locator("main")).to_contain_text("We have your request")
    expect(cora.locator("img.picture").first).to_have_js_property("naturalWidth", 640)
    job = Job.objects.get()
    assert job.values["heavier_than_a_tonne"] is True
    # She has herself told when it begins.
    cora.get_by_role("link", name="Messages about it").click()
    cora.get_by_label("It is done").uncheck()
    cora.get_by_role("button", name="Send these messages").click()
    expect(cora.locator("main")).to_contain_text("Messages about this job go to cora@example.com")
    screenshot(cora, "story-cora-messages")
    cora.get_by_role("link", name="Back to the job").click()

    dana: Page = page_for(cast.dana)
    dana.goto(f"/admin/jobs/job/{job.pk}/change/")
    expect(dana.get_by_text("yard.jpg").first).to_be_visible()
    start = timezone.localtime() + timedelta(days=2)
    click_button(dana, "schedule", start=start.strftime("%Y-%m-%dT09:30"), worker="Theo")
    screenshot(dana, "story-dana-scheduled")
    half_a_minute_later(cora)
    expect(cora.locator("#live")).to_contain_text("Planned for")
    expect(cora.locator("#live")).to_contain_text("Theo comes to you")
    screenshot(cora, "story-cora-planned")

    click_button(dana, "start_now")
    half_a_minute_later(cora)
    expect(cora.locator("#live")).to_contain_text("We are on it")
    sweep()
    told = Delivery.objects.filter(job=job, recipient="cora@example.com")
    assert {one.kind for one in told} == {"job.scheduled", "job.started"}

    click_button(dana, "complete")
    half_a_minute_later(cora)
    expect(cora.locator("#live")).to_contain_text("Done on")
    # Steps and history came along.
    expect(cora.locator("#history-card")).to_contain_text("We started")
    expect(cora.locator("#steps-card .todo")).to_have_count(0)
    cora.reload()
    expect(cora.get_by_role("link", name="Cancel this job")).to_have_count(0)
    screenshot(cora, "story-cora-done")
    # What is done stands under what is past.
    cora.get_by_role("link", name="All jobs").click()
    expect(cora.locator(".jobs")).to_contain_text(job.number)
