#!/usr/bin/env bash
# pdfplumber reads the ruled cells "2" and "125,00" of an invoice as 2125,00
#
# Packages:  pdfplumber 0.11.10; ReportLab 5.1.0 draws the page; pypdf 7.1.1 reads it right
# Expected:  characters in two cells, with a line between them and with more room than a space of that font takes, are
#            two words (ISO 32000-1, 9.4: text is placed by position; a space need not be in the file).
# Happens:   extract_text() begins a new word only where the gap is wider than x_tolerance, 3 points whatever the size
#            of the type. A space in Helvetica of 9 points is 2.5 points wide, so cells that are 2 to 3 points apart
#            melt: quantity 2 and price 125,00 become 2125,00, and 99,90 and 1.198,80 become 99,901.198,80.
# Means:     suppliers' invoices and tipping slips are printed small and narrow. The price read is one that nobody
#            wrote, and it looks like a price. Give x_tolerance_ratio=0.15 (a share of the size of the type), or read
#            the table, and compare quantity x price with the total of each line.
# Portico:   reads no PDF; it writes them (paper/).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check pdfplumber==0.11.10 reportlab==5.1.0 pypdf==7.1.1

"$work/venv/bin/python" - <<'PY'
import io
import sys
from importlib.metadata import version

import pdfplumber
import pypdf
from reportlab.lib import colors
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import SimpleDocTemplate, Table

SIZE = 9
rows = [["Item", "Qty", "Price", "Total"], ["Swap 6 m3", "2", "125,00", "250,00"], ["Disposal", "12", "99,90", "1.198,80"]]
style = [
    ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
    ("FONTSIZE", (0, 0), (-1, -1), SIZE),
    ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
    ("LEFTPADDING", (0, 0), (-1, -1), 1.4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 1.4),
]
page = io.BytesIO()
SimpleDocTemplate(page).build([Table(rows, style=style)])

with pdfplumber.open(page) as pdf:
    text = pdf.pages[0].extract_text().splitlines()
    by_ratio = pdf.pages[0].extract_text(x_tolerance_ratio=0.15).splitlines()
    table = pdf.pages[0].extract_table()
lines = pypdf.PdfReader(page).pages[0].extract_text(extraction_mode="layout").splitlines()
by_pypdf = [" ".join(line.split()) for line in lines if line.strip()]

print(f"pdfplumber {version('pdfplumber')}, reportlab {version('reportlab')}, pypdf {version('pypdf')}")
print(f"gap between the cells 2.8 points, a space in Helvetica of {SIZE} points: {stringWidth(' ', 'Helvetica', SIZE):.1f}")
expected = [" ".join(row) for row in rows]
for number, line in enumerate(expected):
    print(f"  drawn     {line!r}\n  read      {text[number]!r}")
print(f"with x_tolerance_ratio=0.15: {by_ratio[1:]}\nas a table: {table[1:]}\nby pypdf: {by_pypdf[1:]}")
if text[1:] != ["Swap 6 m3 2125,00 250,00", "Disposal 12 99,901.198,80"] or by_ratio != expected or table != rows:
    sys.exit("This has changed: read the finding again.")
PY
