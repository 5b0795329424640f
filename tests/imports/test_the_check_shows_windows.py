"""The check shows the end of a window that was read from the cell of its start."""

from __future__ import annotations

import pytest
from django.urls import reverse

HEADING = "End of the window"


def pages(client, run):
    for name in ("change", "rows"):
        yield client.get(reverse(f"admin:imports_importrun_{name}", args=[run.pk])).content.decode()


@pytest.mark.parametrize("start", ["10.12.2026 08:00-10:30", "10.12.2026 8-10.30 Uhr"])
def test_the_end_stands_beside_the_start(cast, checked, sign_in, start):
    run = checked(f"template,customer,start\nSkip exchange,Acme,{start}\n", by=cast.ines)
    for html in pages(sign_in(cast.ines), run):
        assert HEADING in html and "2026-12-10 10:30" in html


def test_files_without_windows_have_no_column_for_them(cast, checked, sign_in):
    run = checked("template,customer,start\nSkip exchange,Acme,10.12.2026 08:00\n", by=cast.ines)
    for html in pages(sign_in(cast.ines), run):
        assert HEADING not in html
