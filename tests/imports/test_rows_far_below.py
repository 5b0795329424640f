"""A sheet with a cell far below its table is read in the time of its table, or refused in a sentence."""

from __future__ import annotations

import time

import pytest

from console.errors import Refused
from imports import reading
from tests.imports.test_hostile_files import _workbook_of

LAST_ROW = 1_048_576


def sheet_with_a_cell_in_row(number):
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for n, text in ((1, "Customer"), (2, "Acme"), (number, "x"))
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return _workbook_of(f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode())


def rows_of(path):
    return list(reading.read_rows(path, reading.examine(path)))


def test_a_row_no_sheet_has_is_refused_and_not_waited_for(tmp_path):
    path = tmp_path / "far.xlsx"
    path.write_bytes(sheet_with_a_cell_in_row(10**12))
    with pytest.raises(Refused, match="at most 1048576 rows"):
        rows_of(path)


def test_a_stray_cell_in_the_last_row_is_found_soon(tmp_path):
    path = tmp_path / "stray.xlsx"
    path.write_bytes(sheet_with_a_cell_in_row(LAST_ROW))
    began = time.monotonic()
    assert rows_of(path) == [(2, ["Acme"]), (LAST_ROW, ["x"])]
    # Well under what it costs to look at five hundred cells of each row that is missing.
    assert time.monotonic() - began < 8
