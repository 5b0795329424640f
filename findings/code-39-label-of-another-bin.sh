#!/usr/bin/env bash
# python-barcode prints Code 39 for BIN-0042, and the scanner reads BIN-00428
#
# Packages:  python-barcode 0.16.1, Pillow 13.0.0; read back with zxing-cpp 3.1.1
# Expected:  the label says what was asked for. The check character of Code 39 is optional (ISO/IEC 16388), and a reader
#            that was not told of it hands it on as one more character of the data.
# Happens:   Code39 adds the check character unless add_checksum=False is given. The digit or letter stands in the bars
#            and in the text below, and every reader that is not set up for it reads another number: BIN-0042 is
#            BIN-00428, a container CSQU3054383 ends in a minus. EAN13, given 13 digits with a wrong last one, prints
#            the right one without a word, so a mistyped number becomes a valid label.
# Means:     labels on a thousand bins are found out in the yard. Where the extra character is a digit, the scan is
#            somebody else's bin. Use Code 128 (its check is never part of the data), or switch the option off, and read
#            one label back by software before printing the others.
# Portico:   prints no bar codes; its one code is the QR code for an authenticator app (segno).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check python-barcode==0.16.1 pillow==13.0.0 zxing-cpp==3.1.1

"$work/venv/bin/python" - <<'PY'
import sys
from importlib.metadata import version

import barcode
import zxingcpp
from barcode.writer import ImageWriter


def scan(kind, data, **options):
    label = barcode.get_barcode_class(kind)(data, writer=ImageWriter(), **options)
    image = label.render({"module_width": 0.4, "module_height": 15, "dpi": 200})
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


print(f"python-barcode {version('python-barcode')}, read by zxing-cpp {version('zxing-cpp')}")
changed = False
for kind, data, options, known in [
    ("code39", "BIN-0042", {}, "BIN-00428"),
    ("code39", "CSQU3054383", {}, "CSQU3054383-"),
    ("code39", "BIN-0042", {"add_checksum": False}, "BIN-0042"),
    ("code128", "BIN-0042", {}, "BIN-0042"),
    ("ean13", "4006381333930", {}, "4006381333931"),
]:
    seen = scan(kind, data, **options)
    print(f"  {kind:7} {data}{' ' + str(options) if options else ''}: expected {data}, scanned {seen}")
    changed |= seen != known
if changed:
    sys.exit("This has changed: read the finding again.")
PY
