#!/usr/bin/env bash
# read-excel-file reads 08:05 as 08:04:59.999, for two minutes in five
#
# Packages:  read-excel-file 9.3.17 (Node); openpyxl 3.1.5 writes the file, openpyxl and exceljs 4.4.0 read it right
# Expected:  the moment that was written and that every spreadsheet shows. A moment in XLSX is a count of days with a
#            fraction (ECMA-376 Part 1, 18.17.4): 08:05 is 0.336805..., which no binary number holds, so a reader rounds
#            to the unit it hands out.
# Happens:   the fraction is multiplied and cut to whole milliseconds. Of the 1,440 minutes of a day, 544 come out one
#            millisecond early: 08:05 is 08:04:59.999. Printed to the minute it is 08:04.
# Means:     a customer is told 08:04, a comparison with the booked time finds a change in 38 of 100 rows, and a second
#            import moves the jobs. Add half a second and cut to the minute (or round) before anything is compared.
# Portico:   reads with openpyxl, which rounds.
set -euo pipefail
command -v npm >/dev/null || { echo "This finding needs Node and npm."; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check openpyxl==3.1.5
npm install --silent --no-audit --no-fund --prefix "$work" read-excel-file@9.3.17 exceljs@4.4.0 >/dev/null 2>&1

"$work/venv/bin/python" - "$work/day.xlsx" <<'PY'
import sys
from datetime import datetime, timedelta

import openpyxl

midnight = datetime(2026, 12, 7)
minutes = [midnight + timedelta(minutes=number) for number in range(1440)]
book = openpyxl.Workbook()
for minute in minutes:
    book.active.append([minute])
book.save(sys.argv[1])
read = [row[0].value for row in openpyxl.load_workbook(sys.argv[1]).active]
print(f"openpyxl {openpyxl.__version__}: {sum(a != b for a, b in zip(minutes, read, strict=True))} of 1440 minutes differ")
PY

TZ=UTC NODE_PATH="$work/node_modules" node - "$work/day.xlsx" <<'JS'
const {readFileSync} = require('node:fs');
const versionOf = (name) => JSON.parse(readFileSync(`${process.env.NODE_PATH}/${name}/package.json`)).version;
const readSheet = require('read-excel-file/node').readSheet;
const ExcelJS = require('exceljs');
const midnight = Date.UTC(2026, 11, 7);
const minute = (number) => new Date(midnight + number * 60000);
(async () => {
  const rows = await readSheet(process.argv[2]);
  const wrong = [...rows.keys()].filter((number) => +rows[number][0] !== +minute(number));
  const toTheMinute = (moment) => moment.toISOString().slice(0, 16);
  const printed = wrong.filter((number) => toTheMinute(rows[number][0]) !== toTheMinute(minute(number)));
  console.log(`read-excel-file ${versionOf('read-excel-file')}: ${wrong.length} of ${rows.length} minutes differ,`);
  console.log(`  ${printed.length} of them also when printed to the minute`);
  for (const number of [485, 500, 610]) {
    console.log(`  written ${minute(number).toISOString()}, read ${rows[number][0].toISOString()}`);
  }
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(process.argv[2]);
  const cells = [...rows.keys()].map((number) => book.worksheets[0].getCell(number + 1, 1).value);
  const differ = cells.filter((value, number) => +value !== +minute(number));
  console.log(`exceljs ${versionOf('exceljs')}: ${differ.length} of 1440 minutes differ`);
  if (rows.length !== 1440 || wrong.length !== 544 || printed.length !== 544) {
    console.log('This has changed: read the finding again.');
    process.exit(1);
  }
})();
JS
