from __future__ import annotations

from jobs.models import Series


def test_dana_reads_her_sentence_while_she_writes_it(cast, page_for, screenshot):
    page = page_for(cast.dana)
    page.goto("/admin/jobs/series/add/")
    page.get_by_text("When", exact=True).first.click()
    preview = page.locator("#series-preview")
    preview.locator("li").nth(9).wait_for()
    assert page.locator("[data-rule]:visible").count() == 2

    page.select_option("[name=rule1_kind]", "month")
    assert not page.locator("[name=rule1_on]").first.is_visible()
    page.select_option("[name=rule1_day]", "-1")
    preview.get_by_text("On the last day of every month, at 08:00.").wait_for()
    page.select_option("[name=rule2_kind]", "week")
    page.locator("label.sr-day:visible", has_text="Mon").click()
    preview.get_by_text("On the last day of every month, and every Monday, at 08:00.").wait_for()
    assert preview.get_by_text("not saved yet").is_visible()
    screenshot(page, "series-form")
    assert not Series.objects.exists()
