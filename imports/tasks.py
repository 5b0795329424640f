"""Background work on imports: ids in, one service called."""

from __future__ import annotations

from celery import shared_task

from imports.services import wake_abandoned_runs, work_on_run


@shared_task
def work(run_id: int) -> None:
    """Checks, imports or undoes a run, whatever it waits for."""
    work_on_run(run_id)


@shared_task
def sweep() -> None:
    """Wakes a worker for every run that was abandoned, or whose message was lost."""
    wake_abandoned_runs()
