#!/usr/bin/env bash
# Babel reads a quarter past three in the afternoon, as it wrote it, as a quarter past three in the night
#
# Package:   babel 2.19.0 (the same in 2.18.0)
# Expected:  parse_time and parse_date take the format of the locale "as a hint to determine the order" of the fields
#            (Babel's API reference, babel.dates): what format_time and format_date write in a language is read back as
#            the same time and the same day, or refused.
# Happens:   parse_time looks for the letters "pm" alone. CLDR writes the afternoon with points in English for Canada
#            and Spanish for Mexico (p.m.), and with other words elsewhere: 3:15 p.m. is read as 03:15, without an
#            error. parse_date finds the places of year, month and day by the first letters of the pattern, and words in
#            the pattern count as letters: Latvian "07.12.26" is read as 26 December 2007. A month above 12 is swapped
#            with the day, row by row: in one column 12/11/2026 is 11 December and 13/11/2026 is 13 November.
# Means:     a visit promised for the afternoon is planned for the night, and half of a column of dates is right, which
#            is worse than none. Do not parse with Babel: ask browsers for ISO values (<input type="time">), and decide
#            the order of day and month once for a whole column.
# Portico:   uses Babel to write sums of money only; moments in files are read in imports/columns/moments.py, with one
#            order of day and month for the column.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check babel==2.19.0

"$work/venv/bin/python" - <<'PY'
import sys
from datetime import date, time
from importlib.metadata import version

from babel.dates import format_date, format_time, parse_date, parse_time

print(f"babel {version('babel')}")
changed = False

afternoon = time(15, 15)
print("format_time(15:15), and parse_time of what it wrote; expected 15:15 each time:")
for locale in ("en_US", "en_CA", "es_MX", "es_US", "el_GR", "ko_KR", "zh_TW"):
    written = format_time(afternoon, "short", locale=locale)
    read = parse_time(written, locale=locale)
    print(f"  {locale:6} wrote {written!r}, reads {read:%H:%M}")
    changed |= read != (afternoon if locale == "en_US" else time(3, 15))

day = date(2026, 12, 7)
print("format_date(7 December 2026), and parse_date of what it wrote; expected 2026-12-07 each time:")
for locale, known in (("de_DE", day), ("en_GB", day), ("lv_LV", date(2007, 12, 26)), ("hy_AM", date(2007, 12, 26))):
    written = format_date(day, "short", locale=locale)
    read = parse_date(written, locale=locale)
    print(f"  {locale:6} wrote {written!r}, reads {read}")
    changed |= read != known

print("a column of November, day first, read as en_US; expected: refused from the 13th on, or all in one order:")
for text, known in (
    ("11/11/2026", date(2026, 11, 11)),
    ("12/11/2026", date(2026, 12, 11)),
    ("13/11/2026", date(2026, 11, 13)),
):
    read = parse_date(text, locale="en_US")
    print(f"  {text!r} reads {read}")
    changed |= read != known

if changed:
    sys.exit("This has changed: read the finding again.")
PY
