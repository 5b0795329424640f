"""What LibreOffice makes of our files: no formula, whatever separator somebody chooses when it asks."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from openpyxl import load_workbook

from audit.spreadsheet import csv_lines
from tests.audit.test_cells_of_files import CELLS

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
REQUIRED = os.environ.get("REQUIRE_LIBREOFFICE")
pytestmark = pytest.mark.skipif(not OFFICE and not REQUIRED, reason="LibreOffice is not installed (libreoffice-calc)")

SEPARATORS = {"comma": 44, "semicolon": 59, "tab": 9, "bar": 124}


def _opened(text: str, separator: int, folder) -> list[str]:
    """The formulas LibreOffice finds in a text file, opened as UTF-8 with that separator."""
    assert OFFICE, "REQUIRE_LIBREOFFICE is set, but there is no LibreOffice."
    file = folder / "file.csv"
    file.write_text(text, encoding="utf-8", newline="")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    # 76: UTF-8; from line 1; no column formats; language by default; quoted fields are no text of themselves; numbers
    # are recognised: as much as somebody could choose that makes formulas likely.
    how = f"--infilter=CSV:{separator},34,76,1,,0,false,true"
    command = [OFFICE, profile, "--headless", how, "--convert-to", "xlsx", "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    sheet = load_workbook(folder / "file.xlsx").active
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS)
def test_no_cell_of_ours_is_a_formula(separator, tmp_path):
    rows = [["first", said, "last"] for said, _written in CELLS]
    assert _opened("".join(csv_lines(rows)), separator, tmp_path) == []


def test_what_is_not_defused_is_one(tmp_path):
    """Else the test above would say nothing."""
    assert _opened("first,=1+1,last\n", SEPARATORS["comma"], tmp_path) == ["=1+1"]
