"""Any dialect there is reads back as what was written."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from console.errors import Refused
from imports import reading

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff"), max_size=12)
names = st.lists(st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True), min_size=2, max_size=6, unique_by=str.casefold)


def read_back(data: bytes, **given_by_hand):
    with TemporaryDirectory() as folder:
        path = Path(folder, "file.csv")
        path.write_bytes(data)
        how = reading.examine(path, **given_by_hand)
        return how, [cells for _number, cells in reading.read_rows(path, how)]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    header=names,
    data=st.data(),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(header, data, delimiter, quoting, end, encoding):
    row = st.lists(words, min_size=len(header), max_size=len(header)).filter(
        lambda cells: any(c.strip() for c in cells)
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([header, *rows])
    how, found = read_back(out.getvalue().encode(encoding), delimiter=delimiter, header_row=1, last_row=0)
    assert how.header == header and found == rows


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_it_finds_the_delimiter(delimiter):
    rows = [["id", "name", "note"], ["1", "Acme", "a"], ["2", "Birch, Ltd; sons", "b | c"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert read_back(out.getvalue().encode())[0].delimiter == delimiter


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "cp1251", "utf-16-le"])
def test_it_finds_the_encoding(encoding):
    words = {"cp1252": "Müller Straße façade", "cp1250": "Łódź żółć", "cp1251": "Москва улица", "utf-16-le": "Tür"}
    text = "name,street\n" + f"{words[encoding]},{words[encoding]}\n" * 40
    assert read_back(text.encode(encoding))[1][0][0] == words[encoding]


SHORT = [
    ("cp1252", "Müller Söhne", "7 m³ für 3 m²"), ("cp1252", "Peña", "señal nº 3"), ("cp1252", "Ærø", "Åse"),
    ("cp1252", "João", "Conceição"), ("cp1252", "crème brûlée", "où"), ("cp1250", "Łódź", "Młyńska"),
    ("cp1250", "Szűcs", "Fő út"), ("cp1250", "Dvořák", "Příčná"), ("cp1250", "Đurđević", "Čačak"),
    ("cp1254", "Şişli Kağıt", "Çığır"), ("cp1257", "gatvė", "Šiaulių"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "name", "street"), SHORT)
def test_a_few_words_of_a_language_are_enough(encoding, name, street):
    assert read_back(f"name;street\n{name};{street}\n".encode(encoding))[1] == [[name, street]]


def test_it_passes_over_titles_and_blank_rows_and_fills_short_ones():
    text = "Report of December\n\nid;name;note\n1;Acme;x\n\n2;Birch\n"
    how, rows = read_back(text.encode())
    assert (how.header_row, how.header) == (3, ["id", "name", "note"])
    assert rows == [["1", "Acme", "x"], ["2", "Birch", ""]]


def test_headers_are_told_apart_and_blank_ones_named():
    how, _rows = read_back(b"name,,name\n1,2,3\n")
    assert how.header == ["name", "Column B", "name (2)"]


def test_a_workbook_reads_as_people_typed_it():
    book = Workbook()
    for row in (["id", "when", "much"], [1.0, datetime(2026, 12, 1, 8, 30), 2.5], [2, datetime(2026, 12, 1), None]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    how, rows = read_back(out.getvalue())
    assert how.format == "xlsx"
    assert rows == [["1", "2026-12-01 08:30", "2.5"], ["2", "2026-12-01", ""]]


def test_a_cell_too_long_is_said():
    with pytest.raises(Refused, match="characters"):
        read_back(b"a,b\n1," + b"x" * 200_000 + b"\n")


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_a_packed_workbook_is_a_workbook(pack):
    book = Workbook()
    for row in (["id", "name"], [1, "Acme"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("jobs.xlsx", out.getvalue())
    how, rows = read_back(gzip.compress(out.getvalue()) if pack == "gzip" else packed.getvalue())
    assert how.format == "xlsx" and rows == [["1", "Acme"]]


@pytest.mark.parametrize(
    ("text", "quote", "cells"),
    [
        ("id,note\n'1','a, b'\n'2','c'\n", "'", ["1", "a, b"]),
        ('id,note\n1,"She said \\"now\\", twice"\n', '"', ["1", 'She said "now", twice']),
        ('id,note\n1,"She said ""now"""\n', '"', ["1", 'She said "now"']),
        ('id,note\n1,"C:\\"\n2,"D:\\"\n', '"', ["1", "C:\\"]),
    ],
)
def test_it_finds_the_quotation_mark(text, quote, cells):
    how, rows = read_back(text.encode())
    assert how.quote == quote and rows[0] == cells


def test_a_person_can_say_that_there_is_no_quotation_mark():
    how, rows = read_back(b'id,size\n1,5" pipe\n2,"6\n3,7\n', quote="")
    assert how.quote == "" and rows == [["1", '5" pipe'], ["2", '"6'], ["3", "7"]]


@pytest.mark.parametrize("delimiter", list("^~\x1f"))
def test_it_finds_a_delimiter_nobody_thinks_of(delimiter):
    how, rows = read_back(delimiter.join(("id", "name")).encode() + b"\n" + delimiter.join("12").encode() + b"\n")
    assert how.delimiter == delimiter and rows == [["1", "2"]]
