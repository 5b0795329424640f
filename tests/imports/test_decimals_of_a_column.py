"""1.234 is a thousand and more where other cells of its column say so, and a question where none does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from imports.services import commit_run, planned_rows, try_mapping, work_on_run
from jobs.models import Job
from tests.factories import make_template


def table(*sums, column="amount"):
    rows = (f"{number};Acme Builders;{one}" for number, one in enumerate(sums, start=1))
    return "\n".join((f"id;customer;{column}", *rows))


def failed(run):
    return {row for group in run.report["problems"] for row, _value in group["rows"]}


@pytest.mark.parametrize(
    ("sums", "amounts"),
    [
        (("1.234", "1,234.50"), None),
        (("1.234", "1.234,50"), ["1234.00", "1234.50"]),
        (("1,234", "1.234,50"), None),
        (("1,234", "1,234.50"), ["1234.00", "1234.50"]),
        (("1.234", "7,5"), ["1234.00", "7.50"]),
        (("1.234", "2.345.678"), ["1234.00", "2345678.00"]),
        (("1.234", "1,234.50", "1.234,50"), None),
        (("1.234", "120"), None),
    ],
)
def test_the_other_cells_decide(cast, checked, sums, amounts):
    run = checked(table(*sums), by=cast.olivia)
    if amounts is None:
        assert failed(run) == {2} and run.report["problems"][0]["code"] == "unclear_number"
        return
    assert not failed(run)
    commit_run(run, by=cast.olivia)
    work_on_run(run.pk)
    assert [str(job.amount) for job in Job.objects.order_by("id")] == amounts


def test_a_cell_far_below_decides_for_those_above(cast, checked, sign_in):
    run = checked(table("1.234", *["120"] * 80, "1.234,50"), by=cast.olivia)
    assert not failed(run) and planned_rows(run, 1, by=cast.olivia)[0].values["amount"] == Decimal("1234.00")
    html = sign_in(cast.olivia).get(reverse("admin:imports_importrun_change", args=[run.pk])).content.decode()
    assert "Numbers in “Amount” are read as its clear cells are written" in html


def test_the_mapping_page_hears_it_too(cast, checked):
    run = checked(table("1.234", "1.234,50"), by=cast.olivia)
    assert not try_mapping(run, run.columns, by=cast.olivia, formats={}, existing="skip").problems


def test_each_column_decides_for_itself(cast, checked):
    template = make_template("Weighing", fields=({"label": "Tonnes", "kind": "number"},))
    text = (
        "id;customer;template;amount;tonnes\n1;Acme Builders;Weighing;1.234,50;1.234\n2;Acme Builders;Weighing;7;2.5\n"
    )
    columns = {name: {"from": [name]} for name in ("customer", "template", "amount")}
    columns |= {"external_id": {"from": ["id"]}, "field:tonnes": {"from": ["tonnes"]}}
    run = checked(text, by=cast.olivia, columns=columns)
    commit_run(run, by=cast.olivia)
    work_on_run(run.pk)
    assert [job.values["tonnes"] for job in template.jobs.order_by("id")] == [1.234, 2.5]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("checkbox", "WAHR", True), ("checkbox", "J", True), ("checkbox", "Falsch", False),
        ("number", "1.234,5", 1234.5), ("currency", "1.234,50 €", "1234.50"), ("currency", "(12.50)", "-12.50"),
        ("datetime", "Do 05.03.2026 9 Uhr", "2026-03-05T09:00:00+01:00"),
        ("number", "1.234", None), ("text", "4,9E+11", None), ("checkbox", "vielleicht", None),
    ],
)  # fmt: skip
def test_fields_of_templates_are_read_alike(cast, checked, kind, text, value):
    template = make_template("Fields", fields=({"label": "It", "key": "it", "kind": kind},))
    columns = {"customer": {"from": ["customer"]}, "template": {"fixed": "Fields"}, "field:it": {"from": ["it"]}}
    run = checked(f"customer;it\nAcme Builders;{text}\n", by=cast.olivia, columns=columns)
    if value is None:
        assert run.report["counts"]["failed"] == 1
        return
    commit_run(run, by=cast.olivia)
    work_on_run(run.pk)
    assert template.jobs.get().values["it"] == value
