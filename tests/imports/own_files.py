"""Lists as files of ours, taken by the page that offers them, with cells corrected as people correct them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from imports.choices import RecordKind

LISTS = {
    RecordKind.JOBS: "admin:jobs_job_export",
    RecordKind.CUSTOMERS: "admin:accounts_customer_export",
    RecordKind.PORTAL_USERS: "admin:accounts_portaluser_export",
}
# Also what the list puts away by itself.
EVERY_ROW = {RecordKind.CUSTOMERS: "?archived=all"}
FORMATS = ("csv", "xlsx", "tsv")
# As the page numbers them.
_DELIMITERS = {("csv", "plain"): ",", ("csv", "german"): ";", ("tsv", "plain"): "\t", ("tsv", "german"): "\t"}


def taken_along(client: Client, kind: str, format: str, convention: str = "") -> bytes:
    """The file of a list with all of its columns."""
    address = reverse(LISTS[RecordKind(kind)]) + EVERY_ROW.get(RecordKind(kind), "")
    form = client.get(address).context["form"]
    data = {name: "on" for name in form.fields if name not in ("format", "resource", "export_items")}
    chosen = {"convention": convention} if convention else {}
    answer = client.post(address, data | {"format": str(FORMATS.index(format)), "resource": "0"} | chosen)
    assert answer.status_code == 200, answer.status_code
    return answer.getvalue()


def cells_of(data: bytes, format: str, convention: str) -> list[list[Any]]:
    """Its rows, headings first."""
    if format == "xlsx":
        return [["" if cell is None else cell for cell in row] for row in load_workbook(io.BytesIO(data)).active.values]
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=_DELIMITERS[format, convention]))


def corrected(
    data: bytes, format: str, convention: str, heading: str, is_it: Callable[[list[Any]], bool], new: Any
) -> bytes:
    """The file with another value in one cell, of the only row that ``is_it``; ``heading`` as it stands in it."""
    if format == "xlsx":
        book = load_workbook(io.BytesIO(data))
        sheet = book.active
        heads = [cell.value for cell in sheet[1]]
        [place] = [row for row in sheet.iter_rows(min_row=2) if is_it([cell.value for cell in row])]
        place[heads.index(heading)].value = new
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
    rows = cells_of(data, format, convention)
    [row] = [row for row in rows[1:] if is_it(row)]
    row[rows[0].index(heading)] = new
    text = io.StringIO()
    csv.writer(text, delimiter=_DELIMITERS[format, convention]).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def as_typed(value: Any, format: str, convention: str) -> Any:
    """A number or a moment as somebody types it over a cell of such a file."""
    if format == "xlsx" or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.strftime("%d.%m.%Y %H:%M" if convention == "german" else "%Y-%m-%d %H:%M")
    return str(value).replace(".", "," if convention == "german" else ".")
