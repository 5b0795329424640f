#!/usr/bin/env bash
# price-parser reads 0.055 as 55, and a credit as a charge
#
# Package:   price-parser 0.5.1
# Expected:  a number that begins with 0 and a separator has decimals behind it: in no country is 0.055 written for 55
#            (Unicode CLDR, number patterns "#,##0.###": a grouping separator never follows a single leading zero). A
#            minus belongs to the amount, before or behind it.
# Happens:   three digits behind the only separator are always taken for thousands, also after a zero: 0.055 EUR a litre
#            is 55 EUR. The minus is dropped in every place where people and accounting programs put it.
# Means:     fuel, toll and disposal are priced by the litre, the kilometre and the kilogram, with three decimals: a
#            price list read this way is a thousand times too dear, and a credit note doubles the debt instead of
#            clearing it. Give the parser its decimal separator (decimal_separator="."), and read the sign yourself.
# Portico:   reads money in imports/columns/numbers.py: what can be two numbers is a problem, never a guess.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check price-parser==0.5.1

"$work/venv/bin/python" - <<'PY'
import sys
from decimal import Decimal
from importlib.metadata import version

from price_parser import Price

print(f"price-parser {version('price-parser')}")
table = [
    ("€ 0.055", "0.055", "55"),
    ("0,055 €/l", "0.055", "55"),
    ("0.125", "0.125", "125"),
    ("-5,00 €", "-5.00", "5.00"),
    ("€ -5.00", "-5.00", "5.00"),
    ("5,00- €", "-5.00", "5.00"),
    ("0.05", "0.05", "0.05"),
]
changed = False
for text, expected, known in table:
    seen = Price.fromstring(text).amount
    changed |= seen != Decimal(known)
    print(f"  {text!r:14} expected {expected:>6}, read as {seen}")
told = Price.fromstring("€ 0.055", decimal_separator=".").amount
print(f"  '€ 0.055' with decimal_separator='.': {told}")
if changed or told != Decimal("0.055"):
    sys.exit("This has changed: read the finding again.")
PY
