"""Two hundred files that mean harm or were made by accident: rows or a sentence, never a fault, a hang, much memory."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import resource
import signal
import struct
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.urls import reverse
from openpyxl import Workbook

from console.errors import Refused
from imports import reading
from imports.reading import sheets, wrapping
from imports.services import check_run, guess_mapping, set_mapping, upload_file
from imports.services.files import path_of

HEADER = "id,template,customer,notes"
ROW = "1,Skip exchange,Müller & Söhne,Tür 3"


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def _xlsx(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _workbook_of(sheet: bytes) -> bytes:
    """A workbook whose only sheet is these bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_xlsx(["id"], [1]))) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for info in good.infolist():
            bad.writestr(info.filename, sheet if info.filename.startswith("xl/worksheets/") else good.read(info))
    return out.getvalue()


def _workbook_of_cells(cells: bytes, before: bytes = b"") -> bytes:
    """One with a header, and a row of these cells. ``before``: what stands above the rows."""
    names = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % name for name in (b"id", b"template", b"start"))
    rows = b'<row r="1">' + names + b'</row><row r="2">' + cells + b"</row>"
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return _workbook_of(
        b'<worksheet xmlns="' + main + b'">' + before + b"<sheetData>" + rows + b"</sheetData></worksheet>"
    )


WEB_PAGE = (
    b"<html><body><table><tr><td>id</td><td>template</td><td>customer</td></tr>"
    b"<tr><td>1</td><td>Skip exchange</td><td>Acme Builders</td></tr>"
)


def hostile_files() -> dict[str, bytes]:
    """Name -> bytes; always the same two hundred and more."""
    dice = random.Random(200)
    text = f"{HEADER}\n{ROW}\n{ROW}\n"
    files: dict[str, bytes] = {}
    for encoding in (
        "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp1250", "cp437", "cp850",
        "latin-1", "cp1254", "cp1257", "mac-roman", "iso8859-15",
    ):  # fmt: skip
        files[f"written in {encoding}"] = text.encode(encoding, errors="replace")
    for name, words in {"cyrillic": "Привет, мир", "greek": "Καλημέρα", "hebrew": "שלום", "arabic": "مرحبا"}.items():
        for encoding in ("cp1251", "cp1253", "cp1255", "cp1256", "utf-8"):
            files[f"{name} in {encoding}"] = f"{HEADER}\n1,a,{words},b\n".encode(encoding, errors="replace")
    for delimiter in ",;\t|:^~":
        for quote in ('"', "'", ""):
            cells = [f"{quote}{cell}{quote}" for cell in HEADER.split(",")]
            files[f"delimiter {delimiter!r} quote {quote!r}"] = ((delimiter.join(cells) + "\r\n") * 3).encode()
    for end in ("\n", "\r", "\r\n", "\n\r", "\r\r\n", "\x85", "\u2028", "\x0b", "\x0c"):
        files[f"line end {end!r}"] = f"{HEADER}{end}{ROW}{end}{ROW}{end}".encode()
    files["mixed line ends"] = f"{HEADER}\r\n{ROW}\n{ROW}\r{ROW}".encode()
    files |= {
        "nothing": b"",
        "one byte": b"x",
        "one zero": b"\0",
        "only a mark": b"\xef\xbb\xbf",
        "half a mark": b"\xff",
        "only blanks": b" \n \n",
        "only delimiters": b",,,\n,,,\n",
        "header only": HEADER.encode(),
        "sep line": b"sep=;\na;b\n1;2\n",
        "zeros in cells": f"{HEADER}\n1,Sk\0ip,A\0cme,\n".encode(),
        "zeros only": b"\0" * 100_000,
        "unclosed quote": f'{HEADER}\n1,"Skip exchange,Acme,\n'.encode() + (ROW + "\n").encode() * 50,
        "unclosed quote in a long file": f'{HEADER}\n1,"Skip'.encode() + (ROW + "\n").encode() * 20_000,
        "quotes everywhere": b'"""""",""",\n' * 500,
        "a megabyte in a cell": f"{HEADER}\n1,{'x' * 1_000_000},a,b\n".encode(),
        "a megabyte in the header": b"x" * 1_000_000 + b",b\n1,2\n",
        "10,000 columns": (",".join(f"c{n}" for n in range(10_000)) + "\n" + "1," * 9_999 + "1\n").encode(),
        "10,000 columns under three": b"a,b,c\n" + b"1," * 10_000 + b"\n",
        "a million delimiters": b"," * 1_000_000,
        "100,000 short rows": b"a,b\n" + b"1\n" * 100_000,
        "formulas": b"id,customer\n=1+1,=cmd|' /C calc'!A0\n+1,@SUM(A1)\n",
        "html": b"id,customer\n1,<script>alert(1)</script>\n",
        "right to left": "id,customer\n1,\u202eexe.txt\u202c\u200f\n".encode(),
        "emoji": "id,customer\n1,👩‍🔧🚛\n".encode(),
        "surrogates": b"id,customer\n1,\xed\xa0\x80\n",
        "overlong": b"id,customer\n1,\xc0\xaf\n",
        "same header ten times": b"a,a,a,a,a,a,a,a,a,a\n1,2,3,4,5,6,7,8,9,0\n",
        "blank headers": b",,,\n1,2,3,4\n",
        "preamble": b"Report of 1.2.2026\n\nWritten by;Kim\n\nid;customer;template\n1;Acme;Skip\n2;Acme;Skip\n",
        "json": b'[{"id": 1, "customer": "Acme"}]',
        "xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "a web page": b"<!doctype html><html><body><table><tr><td>1</td></tr></table></body></html>",
        "a web page of rows": WEB_PAGE + b"</table></body></html>",
        "a web page with a declaration of nothing": WEB_PAGE + b"<![ nothing ]><!-x><!]></table>",
        "a web page of declarations": WEB_PAGE + b"<![" * 50_000,
        "a web page of tags that never end": WEB_PAGE + b"<td " * 50_000,
        "a web page with the sign NUL": WEB_PAGE + b"<tr><td>2&#0;</td><td>Skip\0exchange</td><td>&#xd800;</td></tr>",
        "a web page of cells over everything": WEB_PAGE + b"<tr><td rowspan=99999 colspan=99999>x" * 500,
        "a web page of cells that go on below": WEB_PAGE + (b"<tr><td rowspan=500 colspan=500>x" + b"<tr>" * 499) * 900,
        "sql": b"INSERT INTO jobs VALUES ('); DROP TABLE jobs; --');",
        "png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
        "jpeg": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 10,
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "old excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 40,
        "a program": b"MZ" + b"\0" * 500,
        "gzip": gzip.compress(text.encode()),
        "gzip cut short": gzip.compress(text.encode() * 50)[:-20],
        "gzip of a picture": gzip.compress(b"\x89PNG\r\n\x1a\n" + b"\0" * 500),
        "gzip in gzip": gzip.compress(gzip.compress(text.encode())),
        "gzip bomb": gzip.compress(b"0" * 30_000_000),
        "gzip bomb of lines": gzip.compress(b"1,2\n" * 5_000_000),
        "zip": _zip(jobs__csv=text.encode()),
        "zip of two": _zip(a__csv=b"a,b\n1,2\n", b__csv=b"a,b\n1,2\n"),
        "zip of none": _zip(),
        "zip in zip": _zip(a__zip=_zip(b__csv=text.encode())),
        "zip bomb": _zip(a__csv=b"\n" * 50_000_000),
        "zip cut short": _zip(jobs__csv=text.encode() * 100)[:-30],
        "zip that climbs": _zip(**{"../../etc/passwd": text.encode()}),
        "xlsx": _xlsx(["id", "customer"], [1, "Acme"], [2.5, True], [None, None]),
        "xlsx of nothing": _xlsx(),
        "xlsx with a formula": _xlsx(["id", "customer"], ["=1+1", "=HYPERLINK(\"http://x\")"]),
        "xlsx cut short": _xlsx(["id", "customer"], [1, "Acme"])[:-300],
        "xlsx without a workbook": _zip(**{"xl/workbook.xml": b"rubbish"}),
        "xlsx with entities": _zip(
            **{
                "xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><workbook>&b;</workbook>",
                "[Content_Types].xml": b"<Types/>",
            }
        ),
        "xlsx with the sign NUL": _workbook_of_cells(b'<c r="A2" t="inlineStr"><is><t>1_x0000_2</t></is></c>'),
        "xlsx of a row of a million cells": _workbook_of_cells(b"<c><v>1</v></c>" * 1_000_000),
        "xlsx of a row of a million nothings": _workbook_of_cells(b"<x/>" * 1_000_000),
        "xlsx with endless numbers": _workbook_of_cells(b'<c r="A2"><v>1e999</v></c><c r="B2"><v>nan</v></c>'),
        "xlsx with endless dates": _workbook_of_cells(b'<c r="A2" s="1"><v>1e300</v></c><c r="B2" s="1"><v>-9</v></c>'),
        "xlsx that hides columns over and over": _workbook_of_cells(
            b'<c><v>1</v></c>', before=b'<cols>' + b'<col min="1" max="500" hidden="1"/>' * 200_000 + b"</cols>"
        ),
        "a word document": _zip(**{"word/document.xml": b"<w/>", "[Content_Types].xml": b"<Types/>"}),
        "open document": _zip(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content__xml=b"<x/>"),
    }  # fmt: skip
    while len(files) < 220:
        size = dice.choice((3, 50, 500, 5000, 50_000))
        noise = bytes(dice.randrange(256) for _ in range(min(size, 5000))) * (size // 5000 or 1)
        broken = bytearray(text.encode() * 20)
        for _ in range(dice.randrange(1, 60)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        files[f"noise {len(files)}"] = noise
        files[f"broken {len(files)}"] = bytes(broken)
    return files


FILES = hostile_files()


MOST_MEMORY = 250  # MB, beyond what the process had when it began
LONGEST = 60  # seconds

# Columns for whatever the file does not have, so that every file that can be read comes as far as the check.
FIXED = {"customer": {"fixed": "Acme Builders"}, "template": {"fixed": "Skip exchange"}}


def test_there_are_two_hundred_and_no_two_are_the_same():
    assert len({hashlib.sha256(data).digest() for data in FILES.values()}) >= 200


def _whole_way(data: bytes, cast: Any, client: Any) -> str:
    """From the upload to the check, by way of the pages where they show something of the file; what it ended in."""
    try:
        run = upload_file(ContentFile(data, name="hostile.csv"), by=cast.ines)
        columns = FIXED | guess_mapping(run, by=cast.ines)[0]
        assert client.get(reverse("admin:imports_importrun_mapping", args=[run.pk])).status_code == 200
        run = check_run(set_mapping(run, columns, by=cast.ines), by=cast.ines)
        assert client.get(reverse("admin:imports_importrun_change", args=[run.pk])).status_code == 200
    except Refused as refusal:
        assert str(refusal).strip().endswith((".", "?")), str(refusal)
        return f"sentence: {refusal}"
    assert run.report["total"] > 0 and sum(run.report["counts"].values()) == run.report["total"]
    return f"rows: {run.report['total']}"


def _only_reading(data: bytes, cast: Any, _client: Any) -> str:
    """As far as its last row; the worker has minutes for the check of such a file."""
    run = upload_file(ContentFile(data, name="hostile.csv"), by=cast.ines)
    how = reading.Reading.from_json(run.reading)
    return f"rows: {sum(1 for _row in reading.read_rows(path_of(run), how))}"


def _in_a_process_of_its_own(do: Callable[[], str]) -> tuple[str, float]:
    """What it says, and how much more memory than at its beginning it had at most, in MB. It is ended when it takes
    too long."""
    ours, theirs = os.pipe()
    mine = connections[DEFAULT_DB_ALIAS]
    child = os.fork()
    if not child:
        said = "no word"
        # A browser's test before this one leaves its event loop running, and asgiref keeps connections by it. In the
        # child there is no such loop: Django would open another connection, and wait for ours.
        connections[DEFAULT_DB_ALIAS] = mine
        # The worker that runs the tests may have grown large before.
        began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            signal.alarm(LONGEST)
            said = do()
        except BaseException:  # the child must not go on as a second pytest
            said = traceback.format_exc()
        finally:
            memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began) / 1024
            os.write(theirs, f"{memory}\n{said[-4000:]}".encode(errors="replace"))
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        answer = pipe.read().decode(errors="replace")
    os.waitpid(child, 0)
    memory, _newline, said = answer.partition("\n")
    return said or "hung, or died", float(memory or 0)


BATCH = 25
MILLIONS_OF_ROWS = ("gzip bomb of lines",)
BATCHES = [list(FILES)[start : start + BATCH] for start in range(0, len(FILES), BATCH)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a second process cannot share a connection to PostgreSQL")
@pytest.mark.parametrize("names", BATCHES, ids=lambda names: names[0])
def test_each_ends_in_rows_or_in_a_sentence(cast, sign_in, settings, tmp_path, names):
    settings.MEDIA_ROOT = tmp_path
    client = sign_in(cast.ines)
    # Once here, so that the processes to come need not all load the pages.
    assert _whole_way(f"{HEADER}\n{ROW}\n".encode(), cast, client) == "rows: 1"
    bad = {}
    for name in names:
        way = _only_reading if name in MILLIONS_OF_ROWS else _whole_way
        said, memory = _in_a_process_of_its_own(lambda data=FILES[name], way=way: way(data, cast, client))
        if not said.startswith(("rows:", "sentence:")) or memory >= MOST_MEMORY:
            bad[name] = f"{said} ({memory:.0f} MB)"
    assert not bad


def test_a_bomb_is_stopped_while_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "MAX_UNPACKED", 1_000_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"1,2\n" * 500_000))
    with pytest.raises(Refused, match="Unpacked"):
        for _row in reading.read_rows(path, reading.examine(path)):
            pass


BOMB_SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>' + b"A" * 3_000_000 + b"</t></is></c></row></sheetData></worksheet>"
)


def test_a_workbook_that_swells_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(wrapping, "BOMB_SIZE", 1_000_000)
    monkeypatch.setattr(sheets, "load_workbook", lambda *_args, **_options: pytest.fail("it was opened"))
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(_workbook_of(BOMB_SHEET))
    with pytest.raises(Refused, match="more than 100 times its size"):
        reading.examine(path)


def test_a_workbook_too_large_for_us_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(wrapping, "MAX_WORKBOOK", 1024 * 1024)
    path = tmp_path / "large.xlsx"
    path.write_bytes(_workbook_of(BOMB_SHEET))
    with pytest.raises(Refused, match="larger than 1 MB"):
        reading.examine(path)


def test_a_directory_that_understates_a_sheet_unpacks_no_more_than_it_says(tmp_path, monkeypatch):
    monkeypatch.setattr(wrapping, "BOMB_SIZE", 1_000_000)
    lying = bytearray(_workbook_of(BOMB_SHEET))
    with zipfile.ZipFile(io.BytesIO(bytes(lying))) as archive:
        size = next(info.file_size for info in archive.infolist() if info.filename.startswith("xl/worksheets/"))
    entry = lying.rindex(b"xl/worksheets/") - 46
    assert struct.unpack_from("<I", lying, entry + 24) == (size,)
    struct.pack_into("<I", lying, entry + 24, 500)
    path = tmp_path / "lying.xlsx"
    path.write_bytes(bytes(lying))
    with pytest.raises(Refused, match="damaged"):
        for _row in reading.read_rows(path, reading.examine(path)):
            pass


def test_a_workbook_of_many_like_rows_is_no_bomb(tmp_path):
    path = tmp_path / "rows.xlsx"
    path.write_bytes(_xlsx(["id", "template"], *([1, "Skip exchange"] for _ in range(3000))))
    assert sum(1 for _row in reading.read_rows(path, reading.examine(path))) == 3000
