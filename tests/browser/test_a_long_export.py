"""Dana takes a long list along: it is written while she waits or leaves, and lies under Exports for her alone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from console.exporting.runs import write_export
from console.models import ListExport


def test_a_long_list_is_written_in_the_background(cast: Any, page_for: Any, screenshot: Any, settings: Any) -> None:
    settings.EXPORT_ROWS_AT_ONCE = 2
    page = page_for(cast.dana)
    page.goto("/admin/accounts/customer/")
    page.locator("a[href*='/customer/export/']").first.click()
    expect(page.get_by_text("the file is written in the background")).to_be_visible()
    page.get_by_label("Notes").uncheck()
    screenshot(page, "export")
    page.get_by_role("button", name="Write the file").click()
    expect(page.get_by_text("This page follows them by itself")).to_be_visible()

    # The worker comes by; the page notices.
    write_export(ListExport.objects.get().pk)
    link = page.get_by_role("link", name="Download", exact=True)
    expect(link).to_be_visible()
    screenshot(page, "exports")
    with page.expect_download() as download:
        link.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "Cedar School" in text and "Notes" not in text.splitlines()[0]

    # A short one comes at once, with the filters of the list.
    page.goto("/admin/accounts/customer/?q=Acme")
    page.locator("a[href*='/customer/export/']").first.click()
    expect(page.get_by_text("1 row, as on the list with its filters")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "Acme Builders" in text and "Cedar School" not in text

    # It is nobody else's, not even the administrator's.
    olivia = page_for(cast.olivia)
    olivia.goto("/admin/console/listexport/")
    expect(olivia.get_by_text("No file yet")).to_be_visible()
    nell = page_for(cast.nell)
    assert nell.goto("/admin/console/listexport/").status == 403
