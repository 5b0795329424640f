"""Whose hands a run is in. The broker only wakes a worker; the claim on the row says who works."""

from __future__ import annotations

import logging
import time
import uuid
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone

from imports.models import ImportRun

WORK = "imports.tasks.work"
logger = logging.getLogger(__name__)


class Lost(Exception):
    """The run is no longer ours: somebody cancelled it, or another worker took it for abandoned."""


def wake_worker(run: ImportRun) -> None:
    """Lets a worker know, once the transaction is committed. A lost message is made up for by the sweep."""
    transaction.on_commit(partial(send, run.pk))


def send(run_id: int) -> None:
    """Asks a worker to look at a run. Without a broker nothing is lost: the sweep comes by."""
    try:
        current_app.send_task(WORK, [run_id], retry=False, ignore_result=True)
    except Exception as error:  # whatever ails the broker must not fail the request that committed the run
        logger.warning("no broker (%s: %s): the sweep will take import %s", type(error).__name__, error, run_id)


def take_up(run_id: int) -> uuid.UUID | None:
    """Takes a run that waits or was abandoned. None when there is nothing to take: of two workers one gets it."""
    claim = uuid.uuid4()
    taken = ImportRun.objects.abandoned().filter(pk=run_id).update(claim=claim, heartbeat_at=timezone.now())
    return claim if taken else None


def hold(run_id: int, claim: uuid.UUID) -> ImportRun:
    """The run, locked until the transaction ends. Raises Lost when it is no longer ours."""
    run = ImportRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None or run.claim != claim:
        raise Lost
    return run


def beat(run_id: int, claim: uuid.UUID, **facts: Any) -> None:
    """A sign of life, with facts to note along. Raises Lost when the run is no longer ours."""
    if not ImportRun.objects.filter(pk=run_id, claim=claim).update(heartbeat_at=timezone.now(), **facts):
        raise Lost


class Pulse:
    """Signs of life while much is to be gone through: called as often as one likes, it gives one every few seconds.

    Raises Lost when the run is no longer ours.
    """

    def __init__(self, run_id: int, claim: uuid.UUID) -> None:
        self.run_id, self.claim = run_id, claim
        self.given = time.monotonic()

    def __call__(self) -> None:
        # Often enough that a slow moment in between does not look like a death.
        if time.monotonic() - self.given > ImportRun.SILENCE.total_seconds() / 4:
            self.beat()

    def beat(self, **facts: Any) -> None:
        """One at once, with facts to note along."""
        beat(self.run_id, self.claim, **facts)
        self.was_given()

    def was_given(self) -> None:
        """Told that somebody else has just given one, as each chunk that is written does."""
        self.given = time.monotonic()


def let_go(run: ImportRun) -> None:
    """Nobody works on it any more. To be saved by the caller."""
    run.claim = run.heartbeat_at = None
    run.cancel_asked = False
