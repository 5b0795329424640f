"""Cells of a workbook are read as their person sees them: line ends by number, and times past midnight."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import openpyxl
import pytest

from imports.reading import examine, read_rows


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("Gate_x000D_\nleft", None, "Gate\nleft"),
        ("_x005F_x000D_", None, "_x000D_"),
        ("a_xD83D_b", None, "a_xD83D_b"),
        ("max_x_y", None, "max_x_y"),
        (1.0, "h:mm", "24:00"),
        (1.0, "[h]:mm", "24:00"),
        (timedelta(hours=26, minutes=30), None, "26:30"),
        (timedelta(minutes=90, seconds=5), None, "01:30:05"),
        (time(8, 30), None, "08:30"),
        (datetime(2026, 12, 10, 8, 30), None, "2026-12-10 08:30"),
        (datetime(2026, 12, 10), None, "2026-12-10"),
    ],
)
def test_a_cell_says_what_its_person_sees(tmp_path, value, number_format, text):
    book = openpyxl.Workbook()
    book.active.append(["it", "other"])
    book.active.append([value, "x"])
    if number_format:
        book.active["A2"].number_format = number_format
    path = tmp_path / "book.xlsx"
    book.save(path)
    [(_number, cells)] = read_rows(path, examine(path))
    assert cells[0] == text
