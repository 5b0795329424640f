"""On a telephone nobody has to guess: what an import says lies on the screen, however long a value is."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile

from imports.models import ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run

TEXT = """id,template,customer,start,contact,notes
A-1,Skip exchange,Acme Builders,{day} 08:30,Pat Rowe,Ring at the gate and ask for the caretaker who has the key {day}
A-2,Skip exchange,Birch Hotel,{day} 10:15,http://city.example/a/very/long/address/{day}/without/any/place/to/break/it,
A-3,Skip exchange,Birch Hotel,03/04/2026 08:30,,
A-7{long},Skip exchange,{long}{long},{day} 11:00,,
A-5,A template that nobody has ever made for this business,Birch Hotel,{day} 12:00,,
"""

# What of the tables' text lies beside the screen, or would have to be scrolled to.
BESIDE = """() => [...document.querySelectorAll(':is(.im-stack, .im-happens, .im-trial) *')]
  .filter(one => one.getClientRects().length && one.textContent.trim())
  .filter(one => one.getBoundingClientRect().right > window.innerWidth + 0.5)
  .map(one => one.textContent.trim().slice(0, 60))"""
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


def mapped(cast: Any, day: str) -> ImportRun:
    run = upload_file(ContentFile(TEXT.format(day=day, long="x" * 100).encode(), name="jobs.csv"), by=cast.ines)
    columns, formats, _name = guess_mapping(run, by=cast.ines)
    columns |= {"notes": {"from": ["notes"]}, "contact_name": {"from": ["contact"]}}
    return set_mapping(run, columns, by=cast.ines, formats=formats, existing="update")


@pytest.fixture
def pages(cast: Any) -> dict[str, str]:
    """Addresses: the result of an import, the check of one that would change its jobs, the columns of a third."""
    done = check_run(mapped(cast, "2026-12-01"), by=cast.ines)
    work_on_run(commit_run(done, by=cast.ines).pk)
    now = check_run(mapped(cast, "2026-12-02"), by=cast.ines)
    assert now.report["counts"]["changed"] == 2 and len(now.report["problems"]) == 4
    at = "/admin/imports/importrun/{}/{}/"
    return {
        "result": at.format(done.pk, "change"),
        "check": at.format(now.pk, "change"),
        "rows": at.format(now.pk, "rows"),
        "columns": at.format(now.pk, "mapping"),
    }


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_lies_beside_the_screen(cast, page_for, screenshot, pages, dark):
    page = page_for(cast.ines, dark=dark)
    for name, address in pages.items():
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(address)
            if name == "columns":
                page.get_by_text("This can work.").wait_for()
            assert not page.evaluate(BESIDE), f"{name} at {width}"
            assert not page.evaluate(TOO_WIDE), f"{name} at {width} scrolls sideways"
            screenshot(page, f"phone-import-{name}-{width}{'-dark' if dark else ''}")
