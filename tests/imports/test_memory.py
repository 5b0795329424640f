"""What an import needs of memory does not grow with its file."""

from __future__ import annotations

import tracemalloc

import pytest
from django.core.files.base import ContentFile

from imports import plan, reading
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from imports.services.files import path_of


@pytest.fixture
def run_of(cast):
    """``run_of(count)``: a file of so many rows, each different, with its columns set."""

    def _run_of(count):
        lines = ["id,template,customer,start,notes"]
        lines += [
            f"M-{n:07d},Skip exchange,Customer {n % 30},2026-12-{1 + n % 28:02d} 08:{n % 60:02d},Gate code {n:07d}"
            for n in range(count)
        ]
        run = upload_file(ContentFile("\n".join(lines).encode(), name="m.csv"), by=cast.ines)
        return set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines)

    return _run_of


def peak_of(do):
    """The most memory it held at one time, in MB."""
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1] / 1024**2
    finally:
        tracemalloc.stop()


def test_reading_ten_thousand_rows_takes_no_more_than_a_few(run_of):
    def read(run):
        return lambda: sum(1 for _row in reading.read_rows(path_of(run), reading.Reading.from_json(run.reading)))

    small, large = peak_of(read(run_of(500))), peak_of(read(run_of(10_000)))
    assert large < 2 and large < small * 2


def test_a_check_of_ten_times_the_rows_takes_less_than_twice_the_memory(cast, run_of, monkeypatch):
    # What is remembered of values is bounded; here by less, so that a small file reaches it.
    monkeypatch.setattr(plan, "MEMORY", 500)
    check_run(run_of(1000), by=cast.ines)
    small, large = run_of(1200), run_of(12_000)
    assert peak_of(lambda: check_run(large, by=cast.ines)) < 2 * peak_of(lambda: check_run(small, by=cast.ines))


def test_so_does_an_import(cast, run_of, monkeypatch):
    monkeypatch.setattr(plan, "MEMORY", 500)
    monkeypatch.setattr("imports.services.running.CHUNK", 300)

    def work(count):
        run = commit_run(check_run(run_of(count), by=cast.ines), by=cast.ines, announce=False)
        return lambda: work_on_run(run.pk)

    work(400)()
    small = peak_of(work(1000))
    assert peak_of(work(8000)) < 2 * small
