"""A list's file is called as the list is, with its umlauts."""

from __future__ import annotations

from datetime import date

import pytest

from console.exporting.lists import file_name_of


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("jobs", "jobs-2026-12-01"),
        ("Aufträge", "aufträge-2026-12-01"),
        ("Change log", "change-log-2026-12-01"),
        ('a/b\\c\r\n"d"', "abc-d-2026-12-01"),
        ("", "export-2026-12-01"),
    ],
)
def test_it_is_the_title_and_the_day(title, name):
    assert file_name_of(title, date(2026, 12, 1)) == name
