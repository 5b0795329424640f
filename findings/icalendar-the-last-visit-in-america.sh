#!/usr/bin/env bash
# icalendar writes the end of a series without its zone, and readers lose the last visit
#
# Packages:  icalendar 7.3.2 writes; recurring-ical-events 3.8.2, python-dateutil 2.9.0.post0 and ical.js 2.2.1 read
# Expected:  four visits, 7 to 28 December 2026, Mondays at 08:00 in New York, the last one included. RFC 5545, 3.3.10:
#            if DTSTART has a time zone, UNTIL "MUST be specified as a date with UTC time"; it bounds the rule
#            inclusively.
# Happens:   given until=28 December 08:00 in New York, an aware datetime, icalendar writes UNTIL=20261228T080000: the
#            zone is dropped, and no UTC is written. recurring-ical-events, which is built on it, and ical.js then take
#            it for 08:00 UTC, 03:00 in New York, and give three visits; dateutil raises. In Berlin nothing is missing,
#            as 08:00 UTC lies behind the visit there, so tests in Europe pass.
# Means:     the last visit of every series is missing from calendars in America: nobody is at the gate. Convert until
#            to UTC before giving it to the library, or write COUNT, or one event for each visit.
# Portico:   shows no series in calendars; jobs of a series are made as jobs (jobs/recurrence.py).
set -euo pipefail
command -v npm >/dev/null || { echo "This finding needs Node and npm."; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check icalendar==7.3.2 recurring-ical-events==3.8.2 \
  python-dateutil==2.9.0.post0 tzdata==2026.6
npm install --silent --no-audit --no-fund --prefix "$work" ical.js@2.2.1 >/dev/null

status=0
"$work/venv/bin/python" - "$work" <<'PY' || status=1
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar, Event


def calendar(zone, *, in_utc):
    first = datetime(2026, 12, 7, 8, tzinfo=ZoneInfo(zone))
    until = datetime(2026, 12, 28, 8, tzinfo=ZoneInfo(zone))
    visit = Event()
    visit.add("uid", "visit@portico.example")
    visit.add("dtstamp", datetime(2026, 11, 30, tzinfo=timezone.utc))
    visit.add("dtstart", first)
    visit.add("dtend", first + timedelta(hours=1))
    visit.add("rrule", {"freq": "weekly", "until": until.astimezone(timezone.utc) if in_utc else until})
    whole = Calendar()
    whole.add("prodid", "-//example//EN")
    whole.add("version", "2.0")
    whole.add_component(visit)
    whole.add_missing_timezones()
    return whole.to_ical()


print(", ".join(f"{name} {version(name)}" for name in ("icalendar", "recurring-ical-events", "python-dateutil")))
seen = {}
for zone in ("America/New_York", "Europe/Berlin"):
    for in_utc in (False, True):
        text = calendar(zone, in_utc=in_utc)
        rule = next(line for line in text.decode().splitlines() if line.startswith("RRULE:FREQ=WEEKLY"))
        visits = recurring_ical_events.of(Calendar.from_ical(text)).between((2026, 12, 1), (2027, 2, 1))
        try:
            by_dateutil = len(list(rrulestr(f"DTSTART;TZID={zone}:20261207T080000\n{rule}")))
        except ValueError as error:
            by_dateutil = str(error)
        given = "until in UTC" if in_utc else "until in the zone"
        seen[zone, in_utc] = (rule.partition("UNTIL=")[2], len(visits), by_dateutil)
        print(f"  {zone}, {given}: wrote {rule}")
        print(f"    expected 4 visits; recurring-ical-events {len(visits)}; dateutil {by_dateutil}")
        (Path(sys.argv[1]) / f"{zone.replace('/', '-')}-{in_utc}.ics").write_bytes(text)

refusal = "RRULE UNTIL values must be specified in UTC when DTSTART is timezone-aware"
known = {
    ("America/New_York", False): ("20261228T080000", 3, refusal),
    ("America/New_York", True): ("20261228T130000Z", 4, 4),
    ("Europe/Berlin", False): ("20261228T080000", 4, refusal),
    ("Europe/Berlin", True): ("20261228T070000Z", 4, 4),
}
sys.exit(seen != known)
PY

cat >"$work/read.mjs" <<'JS'
import {readFileSync} from 'node:fs';
import ICAL from 'ical.js';
const folder = process.argv[2];
const {version} = JSON.parse(readFileSync(`${folder}/node_modules/ical.js/package.json`));
const seen = ['America-New_York-False', 'America-New_York-True', 'Europe-Berlin-False', 'Europe-Berlin-True'].map((name) => {
  const whole = new ICAL.Component(ICAL.parse(readFileSync(`${folder}/${name}.ics`, 'utf8')));
  for (const zone of whole.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  const visits = new ICAL.Event(whole.getFirstSubcomponent('vevent')).iterator();
  let count = 0;
  while (visits.next()) count += 1;
  return `${name}: ${count}`;
});
console.log(`ical.js ${version}, visits in the same files (False: until in the zone): ${seen.join(', ')}`);
process.exit(seen.map((text) => text.at(-1)).join('') === '3444' ? 0 : 1);
JS
node "$work/read.mjs" "$work" || status=1
if [ "$status" -ne 0 ]; then
  echo "This has changed: read the finding again."
  exit 1
fi
