"""Background work of the console: lists that are written into files, forms that are forgotten."""

from __future__ import annotations

from celery import shared_task

from console.exporting.runs import sweep_exports
from console.exporting.runs import write_export as write
from console.once import forget_forms
from console.storage import sweep_files


@shared_task
def write_export(export_id: int) -> None:
    """Writes one file, if it still waits."""
    write(export_id)


@shared_task
def sweep() -> None:
    """Writes what nobody wrote, forgets what is old."""
    sweep_exports()


@shared_task
def forget() -> None:
    """Forgets forms that nobody sends again."""
    forget_forms()


@shared_task
def forget_files() -> None:
    """Removes files that no record names."""
    sweep_files()
