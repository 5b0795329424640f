#!/usr/bin/env bash
# geopy takes part of a written coordinate and answers with a place in another ocean
#
# Package:   geopy 2.5.0
# Expected:  a text that is not understood raises ("Failed to create Point instance from string: unknown format"), as
#            "53.5511 O 9.9937" does. A latitude beyond 90 raises; the documentation of Point says that longitudes are
#            normalised. ISO 6709 knows degrees and minutes with decimals, and the order latitude, longitude.
# Happens:   the pattern is searched for anywhere in the text, so it matches from the middle on. With decimal commas
#            (what a German spreadsheet shows) "9,9937" alone is read, as latitude 9 and longitude 9937, which is
#            normalised to -143: the Pacific for Hamburg. "N 53° 33.066 E 009° 59.622", the form of hand-held receivers,
#            is in the Arabian Sea, degrees without signs are in Russia, and a height as third number moves the place to
#            Nigeria.
# Means:     a driver is sent to, or a distance is billed to, a valid place that nobody wrote. Split latitude and
#            longitude yourself, make two numbers of them, and compare the result with the country of the address.
# Portico:   keeps latitude and longitude as two numbers in two columns.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check geopy==2.5.0

"$work/venv/bin/python" -W ignore - <<'PY'
import sys
from importlib.metadata import version

from geopy import Point
from geopy.distance import distance

print(f"geopy {version('geopy')}; each text means 53.55 north, 9.99 east, in Hamburg")
HAMBURG = (53.5511, 9.9937)
changed = False
for text, known in [
    ("53.5511, 9.9937", (53.5511, 9.9937)),
    ("53,5511 9,9937", (9.0, -143.0)),
    ("53,5511; 9,9937", (9.0, -143.0)),
    ("N 53° 33.066 E 009° 59.622", (9.0, 59.622)),
    ("53 33 4 N 9 59 37 E", (59.0, 37.0)),
    ("53.5511, 9.9937, 12", (9.9937, 12.0)),
]:
    point = Point(text)
    seen = (round(point.latitude, 4), round(point.longitude, 4))
    print(f"  {text!r:29} read as {seen}, {distance(HAMBURG, seen).km:,.0f} km away")
    changed |= seen != known
try:
    Point("53.5511 O 9.9937")
except ValueError as error:
    print(f"expected of what is not understood, as for '53.5511 O 9.9937': {error}")
if changed:
    sys.exit("This has changed: read the finding again.")
PY
