"""Rows that repeat an external ID: the same job by default, or each a job of its own, and never a double."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from imports import services
from imports.choices import RowState
from imports.services import running, start_undo
from jobs.models import Job
from tests.factories import make_template

# A public export of service requests, as it comes: some rows stand in it several times, each the same in every cell.
OURS = """ID,Title,Description,Status,Address,Location,Date Created
7001,Pothole,At the corner,completed,12 Harbour Road,"Hoboken, New Jersey",1538492521
7002,Street Light or Lamp,Dark,in progress,845 Bloomfield St,,1533250609
7001,Pothole,At the corner,completed,12 Harbour Road,"Hoboken, New Jersey",1538492521
7003,Pothole,Deep,completed,1000 Jefferson St,"Hoboken, New Jersey",1531831796
7001,Pothole,At the corner,completed,12 Harbour Road,"Hoboken, New Jersey",1538492521
"""
COLUMNS = {
    "external_id": {"from": ["ID"]},
    "template": {"from": ["Title"]},
    "customer": {"fixed": "City of Hoboken"},
    "address": {"from": ["Address", "Location"]},
    "requested_start": {"from": ["Date Created"]},
    "notes": {"from": ["Description"]},
}
EACH = {"dates": "epoch", "repeats": "number"}
LEAVE = {"dates": "epoch"}


@pytest.fixture
def templates(cast):
    for name in ("Pothole", "Street Light or Lamp"):
        make_template(name)


def ids():
    return sorted(Job.objects.values_list("external_id", flat=True))


def test_the_check_says_how_many_repeat_and_leaves_them_out(cast, templates, checked):
    run = checked(OURS, by=cast.ines, columns=COLUMNS, formats=LEAVE)
    assert run.report["counts"] == {"made": 3, "changed": 0, "skipped": 2, "failed": 0}
    assert run.report["repeats"] == 2 and run.report["repeated"] == [[4, "7001"], [6, "7001"]]
    assert dict(run.report["notes"]) == {"repeats an external ID that stands earlier in this file": 2}


def test_each_can_be_a_job_of_its_own(cast, templates, imported):
    run = imported(OURS, by=cast.ines, columns=COLUMNS, formats=EACH)
    assert (run.made, run.skipped, run.report["repeats"]) == (5, 0, 2)
    assert ids() == ["7001", "7001-2", "7001-3", "7002", "7003"]
    job = Job.objects.get(external_id="7001-3")
    assert (job.address, job.customer.name) == ("12 Harbour Road, Hoboken, New Jersey", "City of Hoboken")


def test_the_same_file_again_finds_every_one_of_them(cast, templates, imported, checked):
    imported(OURS, by=cast.ines, columns=COLUMNS, formats=EACH)
    run = checked(OURS, by=cast.ines, columns=COLUMNS, formats=EACH)
    assert run.report["counts"] == {"made": 0, "changed": 0, "skipped": 5, "failed": 0}


def test_a_run_taken_up_in_the_middle_counts_on(cast, templates, checked, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    run = services.commit_run(checked(OURS, by=cast.ines, columns=COLUMNS, formats=EACH), by=cast.ines)
    write, calls = running._write_chunk, []

    def dies(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write(*args)

    monkeypatch.setattr(running, "_write_chunk", dies)
    with pytest.raises(KeyboardInterrupt):
        services.work_on_run(run.pk)
    assert ids() == ["7001", "7001-2", "7002", "7003"]
    run.refresh_from_db()
    type(run).objects.filter(pk=run.pk).update(heartbeat_at=None)
    services.work_on_run(run.pk)
    assert ids() == ["7001", "7001-2", "7001-3", "7002", "7003"]


def test_a_run_taken_up_in_the_middle_still_leaves_repetitions_out(cast, templates, checked, imported, monkeypatch):
    text = OURS.replace("12 Harbour Road", "1 Quay", 1)
    imported(OURS, by=cast.ines, columns=COLUMNS, formats=LEAVE)
    monkeypatch.setattr(running, "CHUNK", 2)
    run = services.commit_run(
        checked(text, by=cast.ines, columns=COLUMNS, formats=LEAVE, existing="update"), by=cast.ines
    )
    write, calls = running._write_chunk, []

    def dies(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(*args)

    monkeypatch.setattr(running, "_write_chunk", dies)
    with pytest.raises(KeyboardInterrupt):
        services.work_on_run(run.pk)
    type(run).objects.filter(pk=run.pk).update(heartbeat_at=None)
    services.work_on_run(run.pk)
    assert Job.objects.get(external_id="7001").address == "1 Quay, Hoboken, New Jersey"


def test_a_repetition_that_failed_is_the_same_job_when_it_is_uploaded_again(cast, templates, imported):
    text = OURS.replace("7001,Pothole", "7001,Pot hole", 2).replace("7001,Pot hole", "7001,Pothole", 1)
    run = imported(text, by=cast.ines, columns=COLUMNS, formats=EACH)
    failed = run.rows.get(state=RowState.FAILED)
    assert failed.raw[0] == "7001-2"


def test_undone_and_imported_again_there_is_no_double(cast, templates, imported):
    start_undo(imported(OURS, by=cast.ines, columns=COLUMNS, formats=EACH), by=cast.ines)
    assert not Job.objects.exists()
    assert imported(OURS, by=cast.ines, columns=COLUMNS, formats=EACH).made == 5
    assert Job.objects.count() == 5


CITY = Path(os.environ.get("PORTICO_SAMPLE_FILES", ""), "service_requests_hoboken_2019.csv")


@pytest.mark.skipif(
    "PORTICO_SAMPLE_FILES" not in os.environ or not CITY.is_file(),
    reason="PORTICO_SAMPLE_FILES names no folder with service_requests_hoboken_2019.csv",
)
def test_a_citys_file_undone_and_imported_again(cast, imported, checked):
    text = CITY.read_bytes()
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines()))
    for name in {row["Title"] for row in rows}:
        make_template(name)
    start_undo(imported(text, by=cast.ines, columns=COLUMNS, formats=EACH), by=cast.ines)
    run = imported(text, by=cast.ines, columns=COLUMNS, formats=EACH)
    assert (run.made, run.failed, Job.objects.count()) == (91, 0, 91)
    assert Job.objects.values("external_id").distinct().count() == 91
    third = checked(text, by=cast.ines, columns=COLUMNS, formats=EACH)
    assert third.report["counts"] == {"made": 0, "changed": 0, "skipped": 91, "failed": 0}
    plain = checked(text, by=cast.ines, columns=COLUMNS, formats=LEAVE)
    assert plain.report["repeats"] == 45
