"""Ines and a city's file: as it comes, mended on the way, imported, undone, imported again; and no job twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect

from imports.models import ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from jobs.models import Job
from tests.imports.test_repeated_ids import OURS

CITY = Path(os.environ.get("PORTICO_SAMPLE_FILES", ""), "service_requests_hoboken_2019.csv")


@pytest.fixture(params=["ours", "a city's"])
def file(request: Any, tmp_path: Path) -> tuple[Path, int, int]:
    """A file, its rows, and how many of them repeat an ID."""
    if request.param == "ours":
        path = tmp_path / "requests.csv"
        path.write_text(OURS)
        return path, 5, 2
    if not CITY.is_file():
        pytest.skip("PORTICO_SAMPLE_FILES names no folder with service_requests_hoboken_2019.csv")
    return CITY, 91, 45


def upload(page: Page, path: Path) -> None:
    page.goto("/admin/imports/importrun/")
    page.get_by_role("link", name="Import a file").click()
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Upload and go on").click()
    expect(page.get_by_role("heading", name="The first rows of the file")).to_be_visible()


def import_it(page: Page, rows: int) -> None:
    """Presses the button, answers the dialog; then the worker comes by."""
    page.get_by_role("link", name=f"Import {rows} rows").click()
    dialog = page.locator("#modal-content")
    dialog.get_by_text("Send none").click()
    dialog.locator("button[type=submit]").click()
    expect(page.get_by_text("The import has begun")).to_be_visible()
    work_on_run(ImportRun.objects.latest("id").pk)
    expect(page.locator(".im-count").first).to_contain_text(f"{rows}")


def test_a_citys_file_goes_in_comes_out_and_goes_in_again(
    cast: Any, page_for: Any, screenshot: Any, file: tuple[Path, int, int]
) -> None:
    path, rows, repeats = file
    page = page_for(cast.ines)
    upload(page, path)

    # Which column is which: the names say most of it; the customer is fixed, the address stands in two columns.
    page.get_by_label("Fixed value for Customer", exact=True).fill("City of Hoboken")
    page.get_by_label("Second column for Address").select_option("Location")
    expect(page.get_by_label("Column for Template", exact=True)).to_have_value("Title")
    expect(page.get_by_label("Column for Notes", exact=True)).to_have_value("Description")
    page.get_by_label("Column for Asked for", exact=True).evaluate("field => field.closest('details').open = true")
    page.get_by_label("Column for Asked for", exact=True).select_option("Date Created")
    page.get_by_label("Dates").select_option("epoch")
    page.get_by_label("Save this mapping as").fill("City requests")
    expect(page.locator(".im-trial")).to_contain_text("This can work.")
    expect(page.locator(".im-trial")).to_contain_text("is not a template")
    screenshot(page, "import-mapping")
    page.get_by_role("button", name="Check the file").click()

    # The check: templates that are missing are made, repeated numbers become jobs of their own.
    expect(page.get_by_text("is not a template").first).to_be_visible()
    screenshot(page, "import-check")
    page.get_by_role("button", name="Create them all").click()
    expect(page.get_by_role("heading", name=f"{repeats} rows repeat an external ID")).to_be_visible()
    page.get_by_label("Make each a job of its own").check()
    page.locator(".im-choices").get_by_role("button", name="Apply").click()
    assert not Job.objects.exists()
    import_it(page, rows)
    screenshot(page, "import-result")
    assert Job.objects.count() == rows and Job.objects.filter(customer__name="City of Hoboken").count() == rows

    # Taken back: it asks first, with numbers. The templates that were made from its check go too.
    page.get_by_role("link", name="Undo this import").click()
    dialog = page.locator("#modal-content")
    expect(dialog).to_contain_text(f"Removes {rows} records")
    expect(dialog).to_contain_text("templates were made from its check")
    dialog.locator("button[type=submit]").click()
    expect(page.get_by_text(f"{rows} removed")).to_be_visible()
    expect(page.get_by_text("templates made from its check went too")).to_be_visible()
    assert not Job.objects.exists()

    # The same file again: everything is remembered but the templates, which are a click away.
    upload(page, path)
    expect(page.get_by_text("Filled in as in the saved mapping “City requests”.")).to_be_visible()
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Create them all").click()
    import_it(page, rows)
    assert Job.objects.count() == rows

    # And once more, without taking it back: there is nothing to do.
    upload(page, path)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("There is nothing to import")).to_be_visible()
    assert Job.objects.count() == rows
    assert Job.objects.values("external_id").distinct().count() == rows


def test_sam_looks_and_nell_and_carl_see_nothing(cast: Any, page_for: Any) -> None:
    table = ContentFile(b"id,template,customer\n1,Skip exchange,Acme Builders\n", name="jobs.csv")
    run = upload_file(table, by=cast.ines)
    run = check_run(set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines), by=cast.ines)
    work_on_run(commit_run(run, by=cast.ines).pk)
    address = f"/admin/imports/importrun/{run.pk}/change/"
    sam = page_for(cast.sam)
    sam.goto(address)
    expect(sam.get_by_text("All rows")).to_be_visible()
    expect(sam.get_by_role("link", name="Undo this import")).to_have_count(0)
    nell = page_for(cast.nell)
    assert nell.goto(address).status == 404
    carl = page_for(cast.carl)
    carl.goto(address)
    assert "importrun" not in carl.url or "login" in carl.url
