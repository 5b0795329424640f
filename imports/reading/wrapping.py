"""What a file is wrapped in: gzip, zip, or the zip that a workbook is. And what it is, when it is no table."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO

from django.utils.translation import gettext as _

from console.errors import Refused
from imports.reading.shape import Reading

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_UNPACKED = 1024 * 1024 * 1024
# A workbook's parts, which are read as a stream; but one row of them is in memory as a whole.
MAX_WORKBOOK = 512 * 1024 * 1024
# What unpacks to more than this, and to more than so many times its packed size, was made to do harm.
BOMB_SIZE, BOMB_RATIO = 50 * 1024 * 1024, 100
# A workbook's shared texts are held in memory while it is read.
MAX_SHARED_TEXTS = 64 * 1024 * 1024
# A workbook in an archive is unpacked to disk, so that it can be read from anywhere.
MAX_PACKED_WORKBOOK = 100 * 1024 * 1024
_WORKBOOK = "xl/workbook.xml"

# A compound file, and the name of the stream in it that holds a workbook behind a password.
_COMPOUND, _LOCKED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")

# What a file begins with when it is something else: magic bytes -> what people call it.
_OTHER_FILES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3", "SQLite"),
    (b"{\\rtf", "RTF"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
)


def look_at_wrapping(path: Path) -> tuple[str, str]:
    """("", "gzip" or the name of the member of a zip), and "csv" or "xlsx"."""
    with path.open("rb") as file:
        head = file.read(16)
    for magic, name in _OTHER_FILES:
        if head.startswith(magic):
            raise Refused(
                _("This is a file of the kind %s, not a table. Save the table as CSV or XLSX and upload that.") % name
            )
    if head.startswith(_COMPOUND):
        raise _old_or_locked(path)
    if head.startswith(b"\x1f\x8b"):
        return "gzip", _look_inside(path, "gzip")
    if head.startswith(b"PK\x05\x06"):
        raise Refused(_("The file is packed, but there is nothing in it."))
    if head.startswith(b"PK"):
        return _look_into_zip(path)
    return "", "csv"


def _old_or_locked(path: Path) -> Refused:
    """What is in a compound file: a workbook behind a password, or one of the old kind."""
    end = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if _LOCKED in end + chunk:
                return Refused(
                    _(
                        "The workbook is protected with a password. Open it in your spreadsheet program, take the"
                        " password away (File, Info, Protect Workbook), save it and upload it again."
                    )
                )
            end = chunk[-len(_LOCKED) :]
    return Refused(
        _(
            "This is a workbook of the old kind (XLS). Open it in your spreadsheet program, save it as XLSX and upload"
            " that."
        )
    )


def _look_into_zip(path: Path) -> tuple[str, str]:
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        names = {info.filename for info in members}
        if sum(info.file_size for info in members) > MAX_UNPACKED:
            raise _too_large()
        if _WORKBOOK in names:
            _require_sane_workbook(members, path.stat().st_size)
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
        return tables[0].filename, _look_inside(path, tables[0].filename)


def _look_inside(path: Path, packed: str) -> str:
    """What is packed in it: "csv" or "xlsx"; a workbook is a zip of its own, and the only one that may be."""
    with unpacked(path, Reading(packed=packed)) as stream:
        head = stream.read(4)
    if not head.startswith((b"PK", b"\x1f\x8b")):
        return "csv"
    if head.startswith(b"PK"):
        with workbook_file(path, packed) as file, zipfile.ZipFile(file) as book:
            members = book.infolist()
            if any(info.filename == _WORKBOOK for info in members):
                _require_sane_workbook(members, file.seek(0, io.SEEK_END))
                return "xlsx"
    raise Refused(_("The archive holds another packed file. Unpack it first."))


@contextmanager
def workbook_file(path: Path, packed: str) -> Iterator[BinaryIO]:
    """A workbook's own file, which must be one that can be read from anywhere: unpacked to disk if need be."""
    if not packed:
        with path.open("rb") as file:
            yield file
        return
    with unpacked(path, Reading(packed=packed)) as stream, TemporaryFile() as file:
        size = 0
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > MAX_PACKED_WORKBOOK:
                raise Refused(_("The archive holds too large a workbook. Save it as CSV and upload that."))
            file.write(chunk)
        file.seek(0)
        yield file


def _require_sane_workbook(members: Sequence[zipfile.ZipInfo], packed: int) -> None:
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
    texts = next((info for info in members if info.filename == "xl/sharedStrings.xml"), None)
    if texts is not None and texts.file_size > MAX_SHARED_TEXTS:
        raise Refused(_("The workbook holds too much text to be read. Save it as CSV and upload that."))


def _too_large() -> Refused:
    return Refused(_("Unpacked, the file is larger than %d MB.") % (MAX_UNPACKED // 1024 // 1024))


class _Limited(io.RawIOBase):
    """A stream that refuses to grow past what we unpack: a small archive can hold terabytes."""

    def __init__(self, inner: IO[bytes] | gzip.GzipFile) -> None:
        self.inner, self.left = inner, MAX_UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer)
        chunk = self.inner.read(len(room))
        self.left -= len(chunk)
        if self.left < 0:
            raise _too_large()
        room[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def unpacked(path: Path, reading: Reading) -> Iterator[io.BufferedReader]:
    """The bytes of the table itself, unpacked."""
    if not reading.packed:
        with path.open("rb") as file:
            yield file
    elif reading.packed == "gzip":
        with gzip.open(path) as packed:
            yield io.BufferedReader(_Limited(packed), 1 << 16)
    else:
        with zipfile.ZipFile(path) as archive, archive.open(reading.packed) as packed:
            yield io.BufferedReader(_Limited(packed), 1 << 16)
