#!/usr/bin/env bash
# python-calamine hands out a spreadsheet's errors as empty cells
#
# Packages:  python-calamine 0.9.1; openpyxl 3.1.5 writes the file and reads it for comparison
# Expected:  a cell of type "e" (ECMA-376 Part 1, 18.18.11 ST_CellType: the cell contains an error) is told apart from a
#            cell that is not there: as its text, as openpyxl does it, or as an error.
# Happens:   to_python() and iter_rows() give '' for #REF!, #N/A, #NAME?, #VALUE! and #DIV/0!, as for an empty cell.
#            There is no option and no other method that says what stood there.
# Means:     #N/A is what a lookup of a customer's price or address says when it found nothing. Read this way the job is
#            made without an address, or free of charge, and no rule about error cells can ever see it; a reader that
#            was changed from openpyxl for its speed loses the check without a test failing. Look for t="e" in the
#            sheet's XML first, or read with openpyxl where a cell is empty that must not be.
# Portico:   reads with openpyxl, and every error text is a problem of its row (imports/columns/broken.py).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5

"$work/venv/bin/python" - "$work/jobs.xlsx" <<'PY'
import sys
from importlib.metadata import version

import openpyxl
import python_calamine

path = sys.argv[1]
book = openpyxl.Workbook()
book.active.append(["Customer", "Address", "Price"])
book.active.append(["Acme Builders", "#REF!", "#N/A"])
book.active.append(["Elm Garden Centre", None, "#DIV/0!"])
book.save(path)

by_openpyxl = [[cell.value for cell in row] for row in openpyxl.load_workbook(path, data_only=True).active]
kinds = [[cell.data_type for cell in row] for row in openpyxl.load_workbook(path).active]
sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
by_calamine = sheet.to_python(skip_empty_area=False)
by_rows = [list(row) for row in sheet.iter_rows()]

print(f"python-calamine {version('python-calamine')}, openpyxl {version('openpyxl')}")
for number, (row, types, read) in enumerate(zip(by_openpyxl, kinds, by_calamine, strict=True), start=1):
    print(f"  row {number}: types in the file {types}; openpyxl {row}; calamine {read}")
print("expected of calamine: the errors of rows 2 and 3, told apart from the empty cell of row 3")
known = [["Customer", "Address", "Price"], ["Acme Builders", "", ""], ["Elm Garden Centre", "", ""]]
if by_calamine != known or by_rows != known or kinds[1] != ["s", "e", "e"]:
    print(kinds, by_rows)
    sys.exit("This has changed: read the finding again.")
PY
