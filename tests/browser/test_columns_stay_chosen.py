"""Ines has chosen columns and not yet checked the file; she corrects how it is read and finds them still chosen."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from imports.services import upload_file

TEXT = "Ref,What,Who\nA-1,Skip exchange,Acme Builders\n"


@pytest.mark.parametrize("button", ["Read it again", "names here"])
def test_choices_are_sent_along(cast, page_for, button):
    run = upload_file(ContentFile(TEXT.encode(), name="jobs.csv"), by=cast.ines)
    page = page_for(cast.ines)
    page.goto(f"/admin/imports/importrun/{run.pk}/mapping/")
    chosen = page.locator("[name='fixed:customer']")
    chosen.fill("Acme Builders")
    if button == "Read it again":
        page.locator("[name='from:template']").select_option("What")
        page.get_by_text("Not right? Correct how it is read").click()
        page.locator("[name=encoding]").last.select_option("cp1252")
    page.get_by_role("button", name=button).first.click()
    page.wait_for_load_state()
    expect(chosen).to_have_value("Acme Builders")
    if button == "Read it again":
        expect(page.locator("[name='from:template']")).to_have_value("What")
        expect(page.get_by_text("CP1252", exact=True).first).to_be_visible()
