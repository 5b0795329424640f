"""Bytes to rows: any CSV there is, XLSX, and either of them packed. No database, no knowledge of our columns.

``examine`` looks at a file once and says how to read it, ``read`` yields its rows. A file is never in memory as a
whole: what grows with it is read as a stream. Every fault is a ``Refused`` with a sentence for the person.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import math
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from permissions.errors import Refused

# A row: its number as a spreadsheet counts (from 1, blank lines included), and its cells as text.
Row = tuple[int, list[str]]

MAX_COLUMNS = 500
MAX_CELL = 131_072
MAX_UNPACKED = 1024 * 1024 * 1024
# A workbook's parts, which are read as a stream; but one row of them is in memory as a whole.
MAX_WORKBOOK = 512 * 1024 * 1024
# What unpacks to more than this, and to more than so many times its packed size, was made to do harm.
BOMB_SIZE, BOMB_RATIO = 50 * 1024 * 1024, 100
# A workbook's shared texts are held in memory while it is read.
MAX_SHARED_TEXTS = 64 * 1024 * 1024
SAMPLE = 256 * 1024
SAMPLE_ROWS = 200
DELIMITERS = ",;\t|"
# Windows code pages by which spreadsheets save, in the order in which a doubtful file is taken for one of them.
CODE_PAGES = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp437", "cp850", "cp852")
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", *CODE_PAGES)

# What a file begins with when it is something else: magic bytes -> what people call it.
_OTHER_FILES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3", "SQLite"),
    (b"{\\rtf", "RTF"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass
class Reading:
    """How a file is read. ``header_row``: the number of the row with the column names, 0 when there is none.

    ``header``: the column names, each different from the others, blank ones named after their letter. ``rows``: the
    number of rows under the header that hold anything, as far as the examination looked.
    """

    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    header_row: int = 1
    header: list[str] = field(default_factory=list)
    packed: str = ""

    def as_json(self) -> dict[str, Any]:
        """For keeping with the run."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Reading:
        """The reverse of ``as_json``."""
        return cls(**kept)


def examine(path: Path, **given: Any) -> Reading:
    """How to read the file at ``path``. ``given``: what the person corrected (encoding, delimiter, sheet, header_row).

    Raises Refused when it is no table, or none we can read.
    """
    if path.stat().st_size == 0:
        raise Refused(_("The file is empty."))
    reading = Reading()
    with _faults():
        reading.packed, reading.format = _look_at_wrapping(path)
        if reading.format == "xlsx":
            reading.sheets = _sheets(path)
            reading.sheet = given.get("sheet") or _fullest_sheet(path, reading.sheets)
            if reading.sheet not in reading.sheets:
                raise Refused(_("There is no sheet “%s” in this file.") % reading.sheet)
        else:
            sample = _sample(path, reading)
            reading.encoding = given.get("encoding") or _encoding_of(path, reading, sample)
            text = _decoded_sample(sample, reading.encoding)
            reading.delimiter = given.get("delimiter") or _delimiter_of(text)
        first = _first_rows(path, reading, SAMPLE_ROWS)
        if not any(any(map(str.strip, cells)) for _number, cells in first):
            raise Refused(_("The file is empty: it holds no cell with anything in it."))
        reading.header_row = _header_row_of(first) if given.get("header_row") is None else int(given["header_row"])
        reading.header = _header_of(first, reading.header_row)
    if len(reading.header) > MAX_COLUMNS:
        raise Refused(
            _("The file has %(columns)d columns; at most %(most)d can be read. Is its delimiter right?")
            % {"columns": len(reading.header), "most": MAX_COLUMNS}
        )
    return reading


def read(path: Path, reading: Reading, after: int = 0) -> Iterator[Row]:
    """The rows under the header that hold anything, each as wide as the header, from the row after number ``after``.

    Short rows are filled up; a row that is wider than the header keeps its surplus cells. Raises Refused where the
    file cannot be read on.
    """
    width = len(reading.header)
    start = max(after, reading.header_row)
    blank = [""] * width
    with _faults():
        for number, cells in _raw_rows(path, reading):
            if number <= start:
                continue
            if len(cells) < width:
                if not any(cells):
                    continue
                cells = cells + blank[len(cells) :]
            elif not any(map(str.strip, cells)):
                continue
            yield number, cells


def first_rows(path: Path, reading: Reading, count: int = 5) -> list[Row]:
    """The first rows under the header, to be shown."""
    rows = []
    for row in read(path, reading):
        rows.append(row)
        if len(rows) == count:
            break
    return rows


# --- faults -------------------------------------------------------------------------------------------------


@contextmanager
def _faults() -> Iterator[None]:
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
    except (KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError, RuntimeError, IndexError) as fault:
        # What openpyxl and zipfile raise on damaged or locked workbooks is not theirs alone.
        raise Refused(_("The file is damaged or locked: it cannot be read.")) from fault


# --- wrapping: gzip, zip, xlsx ------------------------------------------------------------------------------


def _look_at_wrapping(path: Path) -> tuple[str, str]:
    """("", "gzip" or the name of the member of a zip), and "csv" or "xlsx"."""
    with path.open("rb") as file:
        head = file.read(16)
    for magic, name in _OTHER_FILES:
        if head.startswith(magic):
            raise Refused(
                _("This is a file of the kind %s, not a table. Save the table as CSV or XLSX and upload that.") % name
            )
    if head.startswith(b"\x1f\x8b"):
        return "gzip", "csv"
    if head.startswith(b"PK\x05\x06"):
        raise Refused(_("The file is packed, but there is nothing in it."))
    if head.startswith(b"PK"):
        return _look_into_zip(path)
    return "", "csv"


def _look_into_zip(path: Path) -> tuple[str, str]:
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        names = {info.filename for info in members}
        if sum(info.file_size for info in members) > MAX_UNPACKED:
            raise _too_large()
        if "xl/workbook.xml" in names:
            _insist_on_sane_workbook(members, path.stat().st_size)
            texts = next((info for info in members if info.filename == "xl/sharedStrings.xml"), None)
            if texts is not None and texts.file_size > MAX_SHARED_TEXTS:
                raise Refused(_("The workbook holds too much text to be read. Save it as CSV and upload that."))
            return "", "xlsx"
        if "mimetype" in names or "[Content_Types].xml" in names:
            raise Refused(
                _("This is a file of the kind %s, not a table. Save the table as CSV or XLSX and upload that.")
                % _("office document")
            )
        tables = [info for info in members if not info.filename.startswith(("__MACOSX/", "."))]
        if len(tables) != 1:
            raise Refused(_("The archive holds %d files. Pack one file, or upload it as it is.") % len(tables))
        if tables[0].flag_bits & 1:
            raise Refused(_("The archive is locked with a password. Unpack it first."))
        with archive.open(tables[0]) as member:
            if member.read(4).startswith((b"PK", b"\x1f\x8b")):
                raise Refused(_("The archive holds another packed file. Unpack it first."))
        return tables[0].filename, "csv"


def _insist_on_sane_workbook(members: Sequence[zipfile.ZipInfo], packed: int) -> None:
    """Judges a workbook by its directory, before anything of it is unpacked.

    The directory cannot understate: zipfile reads no more of a part than the size given there, and says then that the
    part is damaged.
    """
    total = sum(info.file_size for info in members)
    parts = [(info.file_size, info.compress_size) for info in members] + [(total, packed)]
    if any(size > BOMB_SIZE and size > BOMB_RATIO * max(1, small) for size, small in parts):
        raise Refused(
            _("The workbook unpacks to more than %d times its size. Save the table as CSV and upload that.")
            % BOMB_RATIO
        )
    if total > MAX_WORKBOOK:
        raise Refused(
            _("Unpacked, the workbook is larger than %d MB. Save it as CSV and upload that.")
            % (MAX_WORKBOOK // 1024 // 1024)
        )


def _too_large() -> Refused:
    return Refused(_("Unpacked, the file is larger than %d MB.") % (MAX_UNPACKED // 1024 // 1024))


class _Limited(io.RawIOBase):
    """A stream that refuses to grow past what we unpack: a small archive can hold terabytes."""

    def __init__(self, inner: BinaryIO) -> None:
        self.inner, self.left = inner, MAX_UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self.inner.read(len(buffer))
        self.left -= len(chunk)
        if self.left < 0:
            raise _too_large()
        buffer[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def _stream(path: Path, reading: Reading) -> Iterator[BinaryIO]:
    """The bytes of the table itself, unpacked."""
    if not reading.packed:
        with path.open("rb") as file:
            yield file
    elif reading.packed == "gzip":
        with gzip.open(path) as packed:
            yield io.BufferedReader(_Limited(packed), 1 << 16)  # type: ignore[arg-type]
    else:
        with zipfile.ZipFile(path) as archive, archive.open(reading.packed) as packed:
            yield io.BufferedReader(_Limited(packed), 1 << 16)  # type: ignore[arg-type]


# --- encoding -----------------------------------------------------------------------------------------------


def _sample(path: Path, reading: Reading) -> bytes:
    with _stream(path, reading) as stream:
        sample = stream.read(SAMPLE)
    if not sample:
        raise Refused(_("The file is empty."))
    return sample


def _encoding_of(path: Path, reading: Reading, sample: bytes) -> str:
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding
    if guess := _utf16_without_mark(sample):
        return guess
    odd = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1b" for byte in sample[:4096])
    if odd > max(2, len(sample[:4096]) // 20):
        raise Refused(_("This is not a text file. Save the table as CSV or XLSX and upload that."))
    doubtful = _not_utf8(path, reading)
    if doubtful is None:
        return "utf-8"
    best = from_bytes(doubtful, cp_isolation=list(CODE_PAGES)).best()
    found = best.encoding if best else CODE_PAGES[0]
    # Western and Central European pages share most letters; where one of them puts signs into words, it is the other.
    if found == "cp1252" and _signs_in_words(doubtful, "cp1250") < _signs_in_words(doubtful, "cp1252"):
        found = "cp1250"
    return found


_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[¡-¿×÷]|[¡-¿×÷](?=[^\W\d_])")


def _signs_in_words(sample: bytes, encoding: str) -> int:
    """How many signs such as £ or ³ stand beside a letter."""
    return len(_SIGN_IN_WORD.findall(sample.decode(encoding, errors="ignore")))


def _utf16_without_mark(sample: bytes) -> str:
    """Text in UTF-16 without a byte order mark has a zero in every second place, or nearly."""
    piece = sample[:4096]
    if len(piece) < 4:
        return ""
    half = len(piece) // 2
    if piece[1::2].count(0) > half * 0.6 and piece[::2].count(0) < half * 0.2:
        return "utf-16-le"
    if piece[::2].count(0) > half * 0.6 and piece[1::2].count(0) < half * 0.2:
        return "utf-16-be"
    return ""


def _not_utf8(path: Path, reading: Reading) -> bytes | None:
    """None for a file that is UTF-8 from end to end; else some of its lines that show what it is instead."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _stream(path, reading) as stream:
        while chunk := stream.read(1 << 20):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                lines = [line for line in chunk.splitlines() if not line.isascii()]
                return b"\n".join(lines[:400])[:65_536] or chunk[:4096]
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return chunk or b"\xff"
    return None


def _decoded_sample(sample: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise Refused(_("“%s” is not an encoding that can be read.") % encoding)
    return sample.decode(encoding, errors="replace").lstrip("\ufeff")


# --- dialect ------------------------------------------------------------------------------------------------


def _delimiter_of(text: str) -> str:
    """The delimiter by which most rows have the same number of cells, and the more cells the better."""
    if (first := text.split("\n", 1)[0].strip().strip('"').lower()).startswith("sep=") and len(first) == 5:
        return first[4]
    return max(DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))


def _regularity(text: str, delimiter: str) -> float:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    widths: Counter[int] = Counter()
    try:
        for row in reader:
            if any(row):
                widths[len(row)] += 1
            if sum(widths.values()) >= SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    if not widths:
        return 0.0
    width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
    return rows / sum(widths.values()) * math.log2(min(width, 64)) if width > 1 else 0.0


# --- rows ---------------------------------------------------------------------------------------------------


def _raw_rows(path: Path, reading: Reading) -> Iterator[Row]:
    return _sheet_rows(path, reading) if reading.format == "xlsx" else _text_rows(path, reading)


def _text_rows(path: Path, reading: Reading) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    with _stream(path, reading) as stream:
        head = stream.peek(4)  # type: ignore[attr-defined]
        for mark, encoding in _BOMS:
            if encoding == reading.encoding and head.startswith(mark):
                stream.read(len(mark))
        text = io.TextIOWrapper(stream, encoding=reading.encoding, newline="")
        try:
            reader = csv.reader(text, delimiter=reading.delimiter, skipinitialspace=False)
            for number, cells in enumerate(reader, start=1):
                if number == 1 and len(cells) == 1 and cells[0].lower().startswith("sep="):
                    cells = []
                yield number, cells
        finally:
            text.detach()


def _first_rows(path: Path, reading: Reading, count: int) -> list[Row]:
    rows = []
    for row in _raw_rows(path, reading):
        rows.append(row)
        if row[0] >= count:
            break
    return rows


def _sheets(path: Path) -> list[str]:
    with _book(path) as book:
        return [sheet.title for sheet in book.worksheets]


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    """The workbook, whatever its file is called, opened for reading row by row."""
    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


def _fullest_sheet(path: Path, names: Sequence[str]) -> str:
    """The first sheet with anything in it."""
    if not names:
        raise Refused(_("The workbook has no sheet with a table."))
    for name in names:
        rows = _first_rows(path, Reading(format="xlsx", sheet=name), 20)
        if any(any(cells) for _number, cells in rows):
            return name
    return names[0]


def _sheet_rows(path: Path, reading: Reading) -> Iterator[Row]:
    with _book(path) as book:
        sheet = book[reading.sheet]
        # Sheets say how large they are, and often say it wrong.
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1), start=1):
            cells = [_cell_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            yield number, cells


def _cell_text(value: Any) -> str:
    """A cell of a workbook as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:MAX_CELL]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# --- header -------------------------------------------------------------------------------------------------


def _header_row_of(rows: Sequence[Row]) -> int:
    """The first row as full as most are; above it stand titles and notes."""
    filled = [(number, sum(1 for cell in cells if cell.strip())) for number, cells in rows]
    usual = Counter(count for _number, count in filled if count).most_common()
    most = max((count for count, times in usual if times >= max(1, usual[0][1] // 3)), default=1)
    return next((number for number, count in filled if count >= max(1, most * 0.6)), 1)


def _header_of(rows: Sequence[Row], header_row: int) -> list[str]:
    names = next((cells for number, cells in rows if number == header_row), [])
    width = max((len(cells) for _number, cells in rows), default=0) if header_row == 0 else len(names)
    header: list[str] = []
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for index in range(min(width, MAX_COLUMNS * 50)):
        given = " ".join((names[index] if index < len(names) else "").replace("\x00", "").split())[:120]
        name = base = given or _("Column %s") % _letter(index)
        while name.casefold() in taken:
            copies[base.casefold()] += 1
            name = f"{base} ({copies[base.casefold()] + 1})"
        taken.add(name.casefold())
        header.append(name)
    while header and header_row and len(header) > 1 and not names[len(header) - 1].strip():
        if any(len(cells) >= len(header) and cells[len(header) - 1].strip() for n, cells in rows if n > header_row):
            break
        header.pop()
    return header


def _letter(index: int) -> str:
    """The name a spreadsheet gives the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
