"""Imports that a restore found in the middle: what they may have done in the time that was lost."""

from __future__ import annotations

from business.models import Hold
from imports.choices import RecordKind, RunState
from imports.models import ImportRun, ImportRunQuerySet
from jobs.services import skip_numbers


def runs_in_the_middle() -> ImportRunQuerySet:
    """Return the runs that were committed and are not over: they go on where the backup saw them last."""
    return ImportRun.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING))


def rows_left(runs: ImportRunQuerySet) -> int:
    """Return how many rows these still have to write."""
    # What is done is counted by the file's rows, its header among them.
    return sum(run.rows_total - max(0, run.rows_done - 1) for run in runs.only("rows_total", "rows_done"))


def skip_numbers_of_imports(hold: Hold) -> None:
    """The rows that are left may have had their numbers already (``WHEN_HELD``)."""
    rows = rows_left(runs_in_the_middle().filter(kind=RecordKind.JOBS))
    if rows:
        skip_numbers(rows)
        hold.numbers_skipped += rows
