"""A file with very many columns that we do not know, or very many wrong rows, is answered in a page of usual length."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from imports.models import ImportRun
from imports.reading.shape import MAX_COLUMNS
from jobs.models import Job
from tests.imports.test_import_pages import choose, page, send

# The console's page around it has a size of its own.
SHORT = 300_000


def table(width, name="Unknown {0}"):
    """A CSV file of two rows."""
    return ",".join(name.format(number) for number in range(width)) + "\n" + ",".join("x" * width) + "\n"


def workbook(width):
    book = Workbook()
    book.active.append([f"Unknown {number}" for number in range(width)])
    book.active.append(["x"] * width)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [(table(MAX_COLUMNS + 1), "jobs.csv"), (table(100_000), "jobs.csv"), (workbook(16_000), "jobs.xlsx")],
    ids=["one too many", "100,000", "16,000 in a workbook"],
)
def test_too_many_columns_are_refused_with_a_sentence(cast, sign_in, data, name):
    answer = send(sign_in(cast.ines), data, name)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "columns; at most 500 can be read" in text
    assert len(text) < SHORT and "Unknown 499" not in text
    assert not ImportRun.objects.exists() and not Job.objects.exists()


def test_as_many_columns_as_there_may_be(cast, sign_in):
    client = sign_in(cast.ines)
    send(client, table(MAX_COLUMNS, "Unknown {0} " + "x" * 2000))
    run = ImportRun.objects.get()
    answer = client.get(page("mapping", run.pk))
    # The choice of each column of ours lists each of theirs, whose names are cut.
    assert len(answer.content) < SHORT + len(answer.context["form"].fields) * MAX_COLUMNS * 400
    assert "x" * 130 not in answer.content.decode()


def test_very_many_wrong_rows(cast, sign_in):
    client = sign_in(cast.ines)
    rows = "".join(f"A-{number},Skip exchange,Acme Builders,{'no date ' * 200}\n" for number in range(3000))
    send(client, f"Order number,Service,Customer,Start\n{rows}")
    answer = client.get(choose(client, ImportRun.objects.get()).url)
    assert answer.status_code == 200
    assert len(answer.content) < SHORT
    assert not Job.objects.exists()
