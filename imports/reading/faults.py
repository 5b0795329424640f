"""Every fault of the libraries beneath, in our words."""

from __future__ import annotations

import csv
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from console.errors import Refused
from imports.reading.shape import MAX_CELL


@contextmanager
def in_our_words() -> Iterator[None]:
    """Every fault of the libraries beneath, in our words."""
    try:
        yield
    except UnicodeError as fault:
        raise Refused(
            _("The file is not written in the encoding it seemed to be in. Choose another encoding.")
        ) from fault
    except csv.Error as fault:
        raise Refused(
            _("A cell holds more than %d characters. Perhaps a quotation mark was never closed.") % MAX_CELL
            if "field larger" in str(fault)
            else _("The file cannot be read as a table: %s.") % fault
        ) from fault
    except (gzip.BadGzipFile, zlib.error, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as fault:
        raise Refused(_("The file is damaged: it cannot be unpacked.")) from fault
    except InvalidFileException as fault:
        raise Refused(_("The file is damaged: it is no workbook that can be read.")) from fault
    except NotImplementedError as fault:
        raise Refused(_("The file is packed in a way that cannot be read. Unpack it first.")) from fault
    except (
        KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError, RuntimeError, IndexError, AssertionError,
        OverflowError,
    ) as fault:  # fmt: skip
        # What openpyxl, zipfile and html.parser raise on damaged or locked files is not theirs alone.
        raise Refused(_("The file is damaged or locked: it cannot be read.")) from fault
