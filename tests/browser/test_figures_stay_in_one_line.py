"""On the pages of an import a date or a number is read at a glance: it is never broken in two, on no screen."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile

from imports.models import ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run

TEXT = """id,template,customer,contact,phone,address,postcode,start,wish,amount,latitude,longitude,notes
A-1,Skip exchange,Acme Builders,Pat Rowe,+49 151 5550133,12 Harbour Road,20457,{day} 08:30,2026-11-28 09:00,{sum},53.543764,9.966271,{notes}
A-2,Skip exchange,Birch Hotel,Desk of the hotel,+49 40 5550100,3 Long Street behind the old market hall,20095,{day} 10:15,2026-11-29 14:00,{sum},53.551086,9.993682,{notes}
A-3,Skip exchange,Birch Hotel,Desk of the hotel,,3 Long Street,20095,03/04/2026 08:30,,{sum},,,{notes}
"""  # noqa: E501 (rows of a table)
NOTES = "Ring at the gate and ask for the caretaker who has the key to the yard"

# Every piece of text that is a figure, with the number of lines it takes.
LINES = """() => {
  const figure = /^([A-Z]-)?[-+]?[\\d][\\d.,:\\-+ /]*$/, found = [];
  for (const element of document.querySelectorAll('.im-table td, .im-table td *')) {
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !figure.test(node.textContent.trim())) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const tops = new Set([...range.getClientRects()].filter(r => r.width).map(r => Math.round(r.top)));
      if (tops.size) found.push([node.textContent.trim(), tops.size]);
    }
  }
  return found;
}"""


def checked(cast: Any, day: str, amount: str) -> ImportRun:
    text = TEXT.format(day=day, sum=amount, notes=NOTES)
    run = upload_file(ContentFile(text.encode(), name="jobs.csv"), by=cast.ines)
    columns, formats, _name = guess_mapping(run, by=cast.ines)
    columns |= {
        "requested_start": {"from": ["wish"]}, "postcode": {"from": ["postcode"]}, "notes": {"from": ["notes"]},
    }  # fmt: skip
    return check_run(set_mapping(run, columns, by=cast.ines, formats=formats, existing="update"), by=cast.ines)


@pytest.fixture
def pages(cast: Any) -> list[str]:
    """Of an import that is over: its result; of one that would change its jobs: the check, and its rows."""
    done = checked(cast, "2026-12-01", "120.00")
    work_on_run(commit_run(done, by=cast.ines).pk)
    now = checked(cast, "2026-12-02", "125.50")
    assert now.report["counts"]["changed"] == 2
    at = "/admin/imports/importrun/{}/{}/"
    return [at.format(done.pk, "change"), at.format(now.pk, "change"), at.format(now.pk, "rows")]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_date_and_no_number_is_broken(cast, page_for, screenshot, pages, dark):
    page = page_for(cast.ines, dark=dark)
    for place, address in enumerate(pages):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address)
            found = page.evaluate(LINES)
            assert any(":" in text for text, _lines in found)
            broken = [text for text, lines in found if lines > 1]
            assert not broken, f"{address} at {width}: {broken}"
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{address} is too wide"
        screenshot(page, f"figures-{place}{'-dark' if dark else ''}")
