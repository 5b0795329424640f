"""What beat and workers do for jobs: each calls one service."""

from __future__ import annotations

import logging

from celery import shared_task

from jobs import services

log = logging.getLogger(__name__)


@shared_task
def make_due_occurrences() -> None:
    """Makes the jobs of the series that are due."""
    made = services.make_due_occurrences()
    for name, problem in made.problems.items():
        log.warning("Series %s makes no jobs: %s", name, problem)


@shared_task
def forget() -> None:
    """Forgets what was kept for a while only: workers' positions, tries at links."""
    services.forget_positions()
    services.forget_tries()
