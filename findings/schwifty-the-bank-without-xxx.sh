#!/usr/bin/env bash
# schwifty: whether a German bank exists depends on the three letters that mean nothing
#
# Package:   schwifty 2026.10.1
# Expected:  a BIC of eight characters and the same with XXX name one office, the principal one (ISO 9362: the branch
#            identifier is optional, XXX stands for the primary office), so both exist or neither.
# Happens:   BIC.exists looks for the text as each country's central bank prints it. Germany's list prints XXX, those of
#            Slovakia, Czechia and the Netherlands do not: DEUTDEFF, as it stands on invoices, does not exist,
#            DEUTDEFFXXX does; TATRSKBX exists, TATRSKBXXXX does not. bank_names of the same object knows the bank in
#            both cases. A BIC of Kosovo (XK) is refused as of an invalid country, although an IBAN of Kosovo is
#            accepted.
# Means:     a form that asks exists turns away customers who copied a correct BIC, and a check that was tried in one
#            country is wrong in the next. Bring both sides to eleven characters before comparing.
# Portico:   stores no bank accounts of customers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check schwifty==2026.10.1 pycountry==26.2.16

"$work/venv/bin/python" -W ignore - <<'PY'
import sys
from importlib.metadata import version

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

print(f"schwifty {version('schwifty')}; expected: the same answer in both columns")
changed = False
for short, known in [
    ("DEUTDEFF", (False, True)),
    ("COBADEFF", (False, True)),
    ("TATRSKBX", (True, False)),
    ("ABNANL2A", (True, False)),
    ("GIBACZPX", (True, False)),
]:
    seen = (BIC(short).exists, BIC(f"{short}XXX").exists)
    name = BIC(short).bank_names[0]
    print(f"  {short} exists: {seen[0]!s:5}   {short}XXX exists: {seen[1]!s:5}   bank_names[0] of the first: {name}")
    changed |= seen != known

account = IBAN("XK051212012345678906")
try:
    BIC("NCBVXKPR")
    refused = ""
except SchwiftyException as error:
    refused = str(error)
print(f"  IBAN {account.formatted} is accepted; BIC NCBVXKPR: {refused or 'accepted'}")
if changed or not refused:
    sys.exit("This has changed: read the finding again.")
PY
