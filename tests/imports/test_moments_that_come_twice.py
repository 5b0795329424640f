"""A list of ours says which of two moments it means, and the same moment comes back."""

from __future__ import annotations

from datetime import datetime

import pytest

from imports.choices import Existing, RecordKind, RowState
from imports.models import ImportRun
from imports.services import commit_run, work_on_run
from jobs.models import Job
from permissions.models import PermissionOverride
from tests.factories import make_job
from tests.imports.own_files import FORMATS, cells_of, corrected, taken_along

FIRST, SECOND = "2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00"
WAYS = [(format, convention) for format in FORMATS for convention in ("plain", "german")]


def at(written):
    return datetime.fromisoformat(written)


@pytest.fixture
def jobs(cast):
    """Asked for and planned in the hour that comes twice, and beside it."""
    return [
        make_job(cast.acme, cast.exchange, by=cast.dana, requested_start=at(said), planned_start=at(said))
        for said in (FIRST, SECOND, "2027-10-31T03:30+01:00")
    ]


def asked_for(data, format, convention):
    heads, *rows = cells_of(data, format, convention)
    return {row[heads.index("Number")]: str(row[heads.index("Asked for")]) for row in rows}


@pytest.mark.parametrize(("format", "convention"), WAYS)
def test_the_file_tells_them_apart(cast, jobs, sign_in, format, convention):
    said = asked_for(taken_along(sign_in(cast.olivia), RecordKind.JOBS, format, convention), format, convention)
    first, second, later = jobs
    assert (said[first.number], said[second.number]) == (FIRST, SECOND)
    assert "+" not in said[later.number] and "03:30" in said[later.number]


@pytest.mark.parametrize(("format", "convention"), WAYS)
def test_it_comes_back_as_it_was(cast, jobs, sign_in, checked, format, convention):
    data = taken_along(sign_in(cast.olivia), RecordKind.JOBS, format, convention)
    run = checked(data, by=cast.olivia, kind=RecordKind.JOBS, existing=Existing.UPDATE, name=f"list.{format}")
    assert not run.report["problems"], run.report["problems"]
    assert run.report["counts"][RowState.CHANGED] == run.report["counts"][RowState.MADE] == 0
    # Of nothing it is said that it differs.
    assert [count for _note, count in run.report["notes"]] == [run.report["total"]]


@pytest.mark.parametrize(("format", "convention"), WAYS)
def test_the_second_in_place_of_the_first_is_a_change(cast, jobs, sign_in, checked, format, convention):
    first = jobs[0]
    data = taken_along(sign_in(cast.olivia), RecordKind.JOBS, format, convention)
    data = corrected(data, format, convention, "Asked for", lambda row: first.number in row, SECOND)
    run = checked(data, by=cast.olivia, kind=RecordKind.JOBS, existing=Existing.UPDATE, name=f"list.{format}")
    assert run.report["counts"][RowState.CHANGED] == 1
    assert FIRST in str(run.report["changes"]) and SECOND in str(run.report["changes"])
    run = commit_run(run, by=cast.olivia)
    work_on_run(run.pk)
    assert ImportRun.objects.get(pk=run.pk).report is not None
    assert Job.objects.get(pk=first.pk).requested_start == at(SECOND)


def test_which_of_both_is_asked_where_a_spreadsheet_left_only_the_time(cast, jobs, sign_in, checked):
    first = jobs[0]
    data = taken_along(sign_in(cast.olivia), RecordKind.JOBS, "csv", "plain")
    data = corrected(data, "csv", "plain", "Asked for", lambda row: first.number in row, "2027-10-31 02:30")
    run = checked(data, by=cast.olivia, kind=RecordKind.JOBS, existing=Existing.UPDATE, name="list.csv")
    assert FIRST in str(run.report["problems"]) and SECOND in str(run.report["problems"])
    assert run.report["counts"][RowState.FAILED] == 1


@pytest.mark.parametrize("end", ["02:30", "02:00-02:30"])
def test_a_window_that_ends_when_no_clock_shows_it_is_a_problem(cast, checked, end):
    run = checked(f"customer;start;until\nAcme Builders;28.3.2027 01:00;{end}\n", by=cast.olivia)
    assert "2027-03-28T01:30+01:00" in str(run.report["problems"]) or "2027-03-28T01:00" in str(run.report["problems"])
    assert run.report["counts"][RowState.FAILED] == 1


def test_coras_own_list_tells_them_apart(cast, jobs, sign_in):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="request_start_time", effect="allow")
    answer = sign_in(cast.cora).get("/jobs/export.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert FIRST in text and SECOND in text
