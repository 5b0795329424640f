"""``manage.py import_jobs`` beside a worker that takes the run first: it waits, and answers by what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from imports.choices import RunState
from imports.management.commands import import_jobs
from imports.models import ImportRun
from imports.services import cancel_run
from imports.services.running import process_run
from jobs.models import Job
from tests.imports.conftest import GOOD


class Worker:
    """One that takes each run as soon as it is told of it; ``then``: what it does while the command waits."""

    def __init__(self, then: Callable[[ImportRun, UUID], Any]) -> None:
        self.then, self.claims = then, {}

    def send_task(self, task: str, args: list[int], **options: Any) -> None:
        if task == ImportRun.TASK:
            self.claims[args[0]] = ImportRun.take(ImportRun.objects.abandoned(), args[0])

    def go_on(self) -> None:
        for pk, claim in self.claims.items():
            self.then(ImportRun.objects.get(pk=pk), claim)


@pytest.fixture
def beside(monkeypatch) -> Callable[[Callable[[ImportRun, UUID], Any]], None]:
    def _beside(then: Callable[[ImportRun, UUID], Any]) -> None:
        worker = Worker(then)
        monkeypatch.setattr("background.waking.current_app", worker)
        monkeypatch.setattr(import_jobs, "pause", worker.go_on)

    return _beside


@pytest.fixture
def command(transactional_db, cast, tmp_path) -> Callable[[], None]:
    path = tmp_path / "jobs.csv"
    path.write_text(GOOD)
    return lambda: call_command("import_jobs", str(path), "--by", cast.ines.email)


def test_ines_reads_what_the_worker_did(command, beside, capsys):
    beside(process_run)
    with pytest.raises(CommandError) as end:
        command()
    assert (end.value.returncode, str(end.value)) == (1, "1 row failed.")
    said = capsys.readouterr()
    assert "2 made, 0 changed, 0 left, 1 failed" in said.out and Job.objects.count() == 2
    assert "A worker writes the rows: 0 of 3 so far." in said.err


def test_of_a_worker_that_dies_the_command_takes_over(command, beside):
    def dies(run: ImportRun, claim: UUID) -> None:
        ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - 2 * ImportRun.SILENCE)

    beside(dies)
    with pytest.raises(CommandError) as end:
        command()
    assert end.value.returncode == 1 and Job.objects.count() == 2


def test_a_run_that_somebody_stops_before_its_first_row_did_nothing(command, beside, cast):
    def is_stopped(run: ImportRun, claim: UUID) -> None:
        cancel_run(run, by=cast.ines)
        process_run(ImportRun.objects.get(pk=run.pk), claim)

    beside(is_stopped)
    with pytest.raises(CommandError) as end:
        command()
    assert (end.value.returncode, str(end.value)) == (2, "The import is cancelled.")
    assert not Job.objects.exists()


def test_one_that_ended_early_says_that_what_was_written_stays(command, beside, capsys):
    def ends_early(run: ImportRun, claim: UUID) -> None:
        process_run(run, claim)
        ImportRun.objects.filter(pk=run.pk).update(state=RunState.FAILED, problem="The file cannot be read on.")

    beside(ends_early)
    with pytest.raises(CommandError) as end:
        command()
    assert (end.value.returncode, str(end.value)) == (
        1, "The file cannot be read on. What was written stays, and can be undone.",
    )  # fmt: skip
    assert "2 made" in capsys.readouterr().out
