#!/usr/bin/env bash
# "Fr 18.12." is read as a Friday at 18:12, by dateparser and by chrono-node
#
# Packages:  dateparser 1.5.0 (Python), chrono-node 2.10.3 (Node)
# Expected:  Friday 18 December. German dates in numbers are day, point, month, point (Duden, "Datum"; CLDR's German
#            pattern "dd.MM." for a day without a year); a clock has a colon (DIN 5008), or a point and the word Uhr
#            behind it.
# Happens:   asked in German on Monday 30 November 2026, both take "18.12" for the clock and keep the weekday alone: the
#            next Friday, at 18:12. Only days above 23 cannot be clocks. With a year it is right again, so a column
#            reads well until somebody leaves the year out. dateparser also drops "8 Uhr" without a word: "morgen 8 Uhr"
#            is tomorrow at the hour of asking.
# Means:     a customer who writes "Fr 18.12." gets a visit two weeks early, in the evening. Read dates by patterns that
#            take the whole text, refuse the rest, and say the weekday and the month in words when confirming.
# Portico:   imports/columns/moments.py reads by patterns of its own and names what it does not understand.
set -euo pipefail
command -v npm >/dev/null || { echo "This finding needs Node and npm."; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check dateparser==1.5.0 tzdata==2026.6
npm install --silent --no-audit --no-fund --prefix "$work" chrono-node@2.10.3 >/dev/null

status=0
"$work/venv/bin/python" -W ignore - <<'PY' || status=1
import sys
from datetime import datetime
from importlib.metadata import version

from dateparser import parse

SETTINGS = {"RELATIVE_BASE": datetime(2026, 11, 30, 9, 0), "PREFER_DATES_FROM": "future"}
print(f"dateparser {version('dateparser')}, in German, asked on Monday 30 November 2026 at 09:00, dates to come preferred")
changed = False
for text, expected, known in [
    ("Fr 18.12.", "Fri 2026-12-18", "Fri 2026-12-04 18:12"),
    ("Mittwoch, 09.12.", "Wed 2026-12-09", "Wed 2026-12-02 09:12"),
    ("18.12.", "Fri 2026-12-18", "Mon 2026-11-30 18:12"),
    ("Fr 18.12.2026", "Fri 2026-12-18", "Fri 2026-12-18 00:00"),
    ("morgen 8 Uhr", "Tue 2026-12-01 08:00", "Tue 2026-12-01 09:00"),
]:
    seen = f"{parse(text, languages=['de'], settings=SETTINGS):%a %Y-%m-%d %H:%M}"
    print(f"  {text!r:19} expected {expected}, read as {seen}")
    changed |= seen != known
sys.exit(changed)
PY

TZ=UTC NODE_PATH="$work/node_modules" node - <<'JS' || status=1
const {readFileSync} = require('node:fs');
const {version} = JSON.parse(readFileSync(`${process.env.NODE_PATH}/chrono-node/package.json`));
const chrono = require('chrono-node');
const asked = new Date('2026-11-30T09:00:00Z');
console.log(`chrono-node ${version}, the same questions, forwardDate`);
let changed = false;
for (const [text, expected, known] of [
  ['Fr 18.12.', '2026-12-18', '2026-12-04T18:12'],
  ['Mittwoch, 09.12.', '2026-12-09', '2026-12-02T09:12'],
  ['Fr 18.12.2026', '2026-12-18', '2026-12-18T12:00'],
  ['morgen 8 Uhr', '2026-12-01T08:00', '2026-12-01T08:00'],
]) {
  const found = chrono.de.parseDate(text, asked, {forwardDate: true});
  const seen = found ? found.toISOString().slice(0, 16) : 'nothing';
  console.log(`  '${text}' expected ${expected}, read as ${seen}`);
  changed ||= seen !== known;
}
process.exit(changed ? 1 : 0);
JS
if [ "$status" -ne 0 ]; then
  echo "This has changed: read the finding again."
  exit 1
fi
