"""Waking the background worker: a shortcut. What it is woken for stands in the database, where the sweep finds it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice

from celery import current_app

log = logging.getLogger(__name__)
ANNOUNCE = "alerts.tasks.announce_events"
DELIVER = "alerts.tasks.deliver_messages"
# A task's message stays small, and a killed worker loses little.
BATCH = 200


def wake(task: str, ids: Sequence[int]) -> None:
    """Hands primary keys to a task, some at a time. Without a broker nothing is lost: the sweep comes by."""
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        try:
            current_app.send_task(task, args=[batch], retry=False, ignore_result=True)
        except Exception as error:  # whatever ails the broker must not fail the request that changed the job
            log.warning("no broker (%s: %s): the sweep will do %s", type(error).__name__, error, task)
            return
