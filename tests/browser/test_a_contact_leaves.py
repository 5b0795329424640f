from __future__ import annotations

from jobs.models import Job
from tests.factories import make_job


def test_dana_answers_with_one_press(cast, page_for, screenshot):
    jobs = [make_job(cast.acme, cast.exchange, by=cast.dana) for _ in range(2)]
    page = page_for(cast.dana)
    page.goto(f"/admin/accounts/customer/{cast.acme.pk}/change/")
    page.locator("a[href='#contacts']").click()
    page.fill("[name=contacts-0-email]", "nora@acme.example")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("2 open jobs still name the contact as it was").wait_for()
    screenshot(page, "contact-question")
    with page.expect_navigation():
        page.get_by_role("button", name="Yes, and save").click()
    page.get_by_text("2 open jobs name the contact as it is now.").wait_for()
    assert set(Job.objects.filter(pk__in=[job.pk for job in jobs]).values_list("contact_email", flat=True)) == {
        "nora@acme.example"
    }
