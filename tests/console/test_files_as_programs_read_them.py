"""A list as a file is written for the program that opens it: real numbers in a workbook, a text file by the settings of
whoever reads it."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.conventions import CONVENTIONS
from console.exporting.formats import write_rows
from console.exporting.runs import write_export
from console.models import ListExport
from imports import reading
from imports.reading import read_rows
from tests.factories import make_job
from tests.imports.own_files import taken_along

START = datetime(2026, 12, 8, 8, 30, 17)
# (what stands in a record, what a workbook's cell holds, its format)
CELLS = [
    (Decimal("1234.50"), 1234.5, "0.00"),
    (Decimal("-0.10"), -0.1, "0.00"),
    (Decimal("53.543764"), 53.543764, "General"),
    (90, 90, "General"),
    (START, START, "yyyy-mm-dd hh:mm"),
    (START.date(), datetime(2026, 12, 8), "yyyy-mm-dd"),
    (START.time(), START.time(), "hh:mm"),
    # What would lose something as a number, or is none.
    ("0815", "0815", "@"),
    ("+49 151 5550133", "+49 151 5550133", "@"),
    ("491715550133", "491715550133", "@"),
    ("4E11", "4E11", "@"),
    (Decimal("12345678901234567.89"), "12345678901234567.89", "@"),
    (datetime(1899, 1, 1), "1899-01-01 00:00", "@"),
    ("#REF!", "#REF!", "@"),
    ("=1+1", "'=1+1", "General"),
    ("SK-0817", "SK-0817", "General"),
    ("one_x000D_two", "one_x005F_x000D_two", "General"),
    ("", None, "General"),
]


@pytest.mark.parametrize(("said", "held", "format"), CELLS, ids=[str(row[0]) for row in CELLS])
def test_a_workbooks_cell_holds_what_it_is(said, held, format):
    file = io.BytesIO()
    write_rows([["Head"], [said]], file, "xlsx")
    cell = load_workbook(file).active["A2"]
    assert cell.value == held and type(cell.value) is type(held) and cell.number_format == format


TEXTS = [
    ("plain", "csv", "Amount,When,Day,Yes\r\n1234.50,2026-12-08 08:30,2026-12-08,a;b\r\n"),
    ("german", "csv", 'Amount;When;Day;Yes\r\n1234,50;08.12.2026 08:30;08.12.2026;"a;b"\r\n'),
    ("plain", "tsv", "Amount\tWhen\tDay\tYes\r\n1234.50\t2026-12-08 08:30\t2026-12-08\ta;b\r\n"),
    ("german", "tsv", "Amount\tWhen\tDay\tYes\r\n1234,50\t08.12.2026 08:30\t08.12.2026\ta;b\r\n"),
]


@pytest.mark.parametrize(("convention", "format", "text"), TEXTS, ids=[f"{row[0]}-{row[1]}" for row in TEXTS])
def test_a_text_file_is_written_as_that_program_reads_it(convention, format, text):
    file = io.BytesIO()
    rows = [["Amount", "When", "Day", "Yes"], [Decimal("1234.50"), START, START.date(), "a;b"]]
    write_rows(rows, file, format, convention=CONVENTIONS[convention])
    # The mark by which Excel knows that it is UTF-8 stands before everything.
    assert file.getvalue().decode() == "\ufeff" + text


@pytest.fixture
def job(cast):
    start = timezone.make_aware(START)
    return make_job(
        cast.acme, cast.exchange, by=cast.olivia, planned_start=start, amount=Decimal("1234.50"), duration_minutes=75,
        asset_id="0815", window_end=start + timedelta(hours=2),
    )  # fmt: skip


def test_a_sum_over_the_amounts_of_jobs_is_one(cast, job, sign_in):
    sheet = load_workbook(io.BytesIO(taken_along(sign_in(cast.olivia), "jobs", "xlsx"))).active
    cells = {head.value: cell.value for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["Amount"], cells["Planned duration"], cells["Asset ID"]) == (1234.5, 75, "0815")
    assert cells["Planned start"] == START.replace(second=0)


@pytest.mark.parametrize(
    ("language", "chosen", "line"),
    [
        ("", "", "1234.50"),
        ("de", "", "1234,50"),
        ("de", "plain", "1234.50"),
        ("", "german", "1234,50"),
        # What is no convention is as if nothing was chosen.
        ("", "nonsense", "1234.50"),
    ],
)
def test_it_is_written_as_the_reader_is_used_to_or_chooses(cast, job, sign_in, language, chosen, line):
    cast.olivia.language = language
    cast.olivia.save()
    text = taken_along(sign_in(cast.olivia), "jobs", "csv", chosen).decode()
    assert line in text and (text.count(";") > 10) == ("," in line)


def test_the_choice_is_remembered_while_somebody_is_signed_in(cast, job, sign_in):
    client = sign_in(cast.olivia)
    taken_along(client, "jobs", "csv", "german")
    assert "1234,50" in taken_along(client, "jobs", "csv").decode()
    html = client.get(reverse("admin:jobs_job_export")).content.decode()
    assert 'value="german" checked' in html


def test_a_file_that_the_worker_writes_is_written_so_too(cast, job, sign_in, settings):
    settings.EXPORT_ROWS_AT_ONCE = 0
    client = sign_in(cast.olivia)
    form = client.get(reverse("admin:jobs_job_export")).context["form"]
    data = {name: "on" for name in form.fields if name not in ("format", "resource", "export_items")}
    client.post(reverse("admin:jobs_job_export"), data | {"format": "0", "resource": "0", "convention": "german"})
    export = write_export(ListExport.objects.get().pk)
    assert "1234,50" in export.file.read().decode()


def test_what_looks_like_an_escaped_sign_comes_back_from_a_workbook(tmp_path):
    path = tmp_path / "list.xlsx"
    with path.open("wb") as file:
        write_rows([["Name", "Notes"], ["a", "one_x000D_two _x0041__x0042_"]], file, "xlsx")
    how = reading.examine(path)
    assert [cells for _number, cells in read_rows(path, how)] == [["a", "one_x000D_two _x0041__x0042_"]]
