"""Every column there is carries its value home: into a new record, into one that is there, and out with the list.

The columns are taken from the registry, so that one added later is asked as well. A failure names the step that was
forgotten (CONTRIBUTING.md, "An import column").
"""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from accounts.models import User
from imports.choices import Existing, RecordKind, RowState
from imports.columns import COLUMNS, Formats
from imports.columns.jobs import JOB_COLUMNS
from imports.kinds import KINDS
from imports.plan import shown_value
from imports.services import start_undo
from templates_app.models import TemplateField

COLUMN = [
    pytest.param(kind, column, id=f"{kind}-{column.key}") for kind, columns in COLUMNS.items() for column in columns
]
CHANGEABLE = [
    pytest.param(kind, column, id=f"{kind}-{column.key}")
    for kind, columns in COLUMNS.items()
    for column in columns
    if column.changeable
]
FIXED = [column for column in JOB_COLUMNS if not column.changeable and column.key != "external_id"]
# What a job says first, of which the file says something else then.
BEFORE = {"template": {"template": "Site inspection"}, "customer": {"customer": "Cedar School"}}
# What a record of each kind needs besides.
NEEDED = {
    RecordKind.JOBS: {"external_id": "N-1", "template": "Skip exchange", "customer": "Acme Builders"},
    RecordKind.CUSTOMERS: {"external_id": "N-1", "name": "Delta Docks"},
    RecordKind.PORTAL_USERS: {"email": "vera@acme.example", "customer": "Acme Builders"},
}
OTHER = {RecordKind.JOBS: {"external_id": "N-2"}, RecordKind.CUSTOMERS: {"external_id": "N-2", "name": "Echo Events"}}
OTHER[RecordKind.PORTAL_USERS] = {"email": "otto@acme.example"}
# Where the blank file says nothing, or what a record has anyway.
SAMPLES = {
    (RecordKind.JOBS, "job_state"): "Completed",
    (RecordKind.JOBS, "ended_at"): "2026-01-02 10:00",
    (RecordKind.JOBS, "worker"): "Theo",
    (RecordKind.JOBS, "amount"): "133.70",
    (RecordKind.CUSTOMERS, "name"): "Foxtrot Farm",
    (RecordKind.CUSTOMERS, "external_id"): "C-9",
    (RecordKind.CUSTOMERS, "payment_terms"): "30",
    (RecordKind.PORTAL_USERS, "customer"): "Cedar School",
}
# What has to stand beside a value, so that it means something.
BESIDE = {
    (RecordKind.JOBS, "ended_at"): {"job_state": "Completed"},
    (RecordKind.JOBS, "window_end"): {"planned_start": "2026-12-01 08:30"},
    (RecordKind.CUSTOMERS, "postcode"): {"street": "Kai 3"},
    (RecordKind.CUSTOMERS, "city"): {"street": "Kai 3"},
}


def sample_of(kind, column):
    sample = SAMPLES.get((kind, column.key), column.sample)
    assert sample, f"Give the column {column.key} a sample, or say in SAMPLES what a file may hold."
    return sample


def table(*rows):
    keys = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    csv.writer(text).writerows([keys, *([row.get(key, "") for key in keys] for row in rows)])
    return text.getvalue(), {key: {"from": [key]} for key in keys}


def records_of(run):
    rows = list(run.rows.all())
    assert not [row.problems for row in rows if row.state == RowState.FAILED] and not run.problem
    found = KINDS[run.kind].model.objects.in_bulk([row.object_id for row in rows])
    return [found[row.object_id] for row in rows]


def is_said(column, sample, record):
    """Does the record say what the file says?"""
    words = shown_value(column.clean(sample, Formats()))
    return words.casefold() in shown_value(column.target.read(record)).casefold()


@pytest.fixture
def imported_rows(cast, imported):
    cast.birch.external_id = "C-204"
    cast.birch.save()

    def _imported(kind, *rows, existing=Existing.SKIP):
        text, mapping = table(*rows)
        return imported(text, by=cast.olivia, kind=kind, columns=mapping, existing=existing)

    return _imported


@pytest.mark.parametrize(("kind", "column"), COLUMN)
def test_a_value_reaches_the_new_record_whose_row_says_it(imported_rows, kind, column):
    sample = sample_of(kind, column)
    row = NEEDED[kind] | BESIDE.get((kind, column.key), {}) | {column.key: sample}
    without = NEEDED[kind] | OTHER[kind]
    record, other = records_of(imported_rows(kind, row, without))
    assert is_said(column, sample, record), f"The target of {column.key} reads something else than it was given."
    assert column.key in without or not is_said(column, sample, other), f"{column.key} is said by every record."


@pytest.mark.parametrize(("kind", "column"), CHANGEABLE)
def test_a_file_changes_what_it_may_and_its_undo_changes_it_back(cast, imported_rows, kind, column):
    sample = sample_of(kind, column)
    imported_rows(kind, NEEDED[kind])
    row = NEEDED[kind] | BESIDE.get((kind, column.key), {}) | {column.key: sample}
    run = imported_rows(kind, row, existing=Existing.UPDATE)
    [record] = records_of(run)
    assert is_said(column, sample, record), f"{column.key} is declared changeable, and no service changes it."
    start_undo(run, by=cast.olivia)
    record = KINDS[kind].model.objects.get(pk=record.pk)
    assert not is_said(column, sample, record), f"An undo leaves {column.key} as the file changed it."


@pytest.mark.parametrize("column", FIXED, ids=lambda column: column.key)
def test_what_no_file_changes_of_a_job_is_told(cast, imported_rows, checked, column):
    sample = sample_of(RecordKind.JOBS, column)
    [job] = records_of(imported_rows(RecordKind.JOBS, NEEDED[RecordKind.JOBS] | BEFORE.get(column.key, {})))
    row = NEEDED[RecordKind.JOBS] | BESIDE.get((RecordKind.JOBS, column.key), {}) | {column.key: sample}
    text, mapping = table(row)
    run = checked(text, by=cast.olivia, columns=mapping, existing=Existing.UPDATE)
    [[note, _count]] = run.report["notes"]
    first = next(one for one in JOB_COLUMNS if one.target == column.target)
    assert not is_said(column, sample, job) and str(first.label) in note
    assert run.report["counts"][RowState.SKIPPED] == 1


def exported(client, kind, record):
    """The record's row in the file of its list, by heading."""
    label = KINDS[kind].model._meta.label_lower.replace(".", "_")
    address = reverse(f"admin:{label}_export")
    form = client.get(address).context["form"]
    data = {name: "on" for name in form.fields if name not in ("format", "resource", "export_items")}
    answer = client.post(address, data | {"format": "0", "resource": "0"})
    heads, *rows = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    name = {RecordKind.JOBS: "number", RecordKind.CUSTOMERS: "name", RecordKind.PORTAL_USERS: "user"}[kind]
    [row] = [row for row in rows if str(getattr(record, name)) in row]
    return dict(zip(heads, row, strict=True))


@pytest.mark.parametrize(("kind", "column"), COLUMN)
def test_a_value_comes_back_in_the_lists_file_or_a_reason_stands_beside_the_column(
    cast, imported_rows, sign_in, kind, column
):
    sample = sample_of(kind, column)
    row = NEEDED[kind] | BESIDE.get((kind, column.key), {}) | {column.key: sample}
    [record] = records_of(imported_rows(kind, row))
    cells = exported(sign_in(cast.olivia), kind, record)
    words = shown_value(column.clean(sample, Formats())).casefold()
    comes_back = any(words in cell.casefold() for cell in cells.values())
    assert comes_back != bool(column.not_exported), (
        f"Add {column.key} to export_columns of the list, or say in not_exported why not."
        if not comes_back
        else f"{column.key} comes back: take its reason away."
    )


def test_a_field_of_a_template_is_a_column_and_its_value_reaches_the_job(cast, imported_rows):
    TemplateField.objects.create(template=cast.exchange, label="Bin size", kind="text")
    [column] = [one for one in KINDS[RecordKind.JOBS](by=cast.olivia).columns() if one.label == "Bin size"]
    [record] = records_of(imported_rows(RecordKind.JOBS, NEEDED[RecordKind.JOBS] | {column.key: "large"}))
    assert is_said(column, "large", record) and column.not_exported
    run = imported_rows(RecordKind.JOBS, NEEDED[RecordKind.JOBS] | {column.key: "small"}, existing=Existing.UPDATE)
    [record] = records_of(run)
    assert is_said(column, "small", record)


@pytest.mark.parametrize("kind", RecordKind)
def test_no_two_columns_of_a_kind_have_one_key_one_name_or_one_target(kind):
    columns = COLUMNS[kind]
    for names in (
        [one.key for one in columns],
        [str(one.label) for one in columns],
        [repr(one.target) for one in columns],
    ):
        assert len(names) == len(set(names))


def test_the_kinds_name_columns_that_there_are(cast):
    for kind, make in KINDS.items():
        keys = {column.key for column in COLUMNS[RecordKind(kind)]}
        assert set(make(by=User.objects.get(pk=cast.ines.pk)).required()) <= keys
