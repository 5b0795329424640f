"""``bench_paper`` prints seconds and ratios, and exits 1 where a bound is not held."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from jobs.management.commands import bench_paper


def test_it_prints_each_sheet_and_its_ratio():
    out = io.StringIO()
    call_command("bench_paper", lines=20, stdout=out)
    assert "9 of 9 within the bound" in out.getvalue() and "notes of so many lines" in out.getvalue()


def test_the_sheet_with_files_holds_100_of_them_and_200_price_lines(monkeypatch):
    made = []
    monkeypatch.setattr(bench_paper, "job_sheet", lambda job, **_how: made.append(job) or b"")
    bench_paper.SHEETS["files and price lines, and notes of so many lines"](bench_paper.LINES)
    (job,) = made
    assert [one.kind for one in job.fields()] == ["file"] * 100 and len(job._prefetched_objects_cache["files"]) == 100
    assert len(job.lines()) == 200 and len(job.notes.splitlines()) == bench_paper.LINES


def test_it_exits_1_where_time_grows_with_the_square(monkeypatch):
    sizes = []
    monkeypatch.setattr(bench_paper, "SHEETS", {"slow": lambda size: sizes.append(size) or b""})

    def clock(make):
        make()
        return (sizes[-1] / 20) ** 2

    monkeypatch.setattr(bench_paper, "seconds", clock)
    out = io.StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("bench_paper", lines=20, stdout=out)
    assert stopped.value.returncode == 1 and "NOT HELD" in out.getvalue()
