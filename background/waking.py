"""Waking a background worker: a shortcut. What it is woken for stands in the database, where a sweep finds it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from itertools import islice

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

# A task's message stays small, and a killed worker loses little.
BATCH = 200


def wake(task: str, *args: object) -> bool:
    """Asks a worker to do a task, given by its whole name, now. Says whether a broker took the message.

    Without a broker nothing is lost where a sweep comes by; who has no sweep does it at once.
    """
    try:
        current_app.send_task(task, list(args), retry=False, ignore_result=True)
    except Exception as error:  # whatever ails the broker must not fail the request that has something to do
        # Not the arguments: an address may be among them.
        logger.warning("no broker takes %s (%s: %s): it is done without", task, type(error).__name__, error)
        return False
    return True


def wake_after_commit(task: str, *args: object) -> None:
    """The same once the transaction is committed; at once where there is none."""
    transaction.on_commit(partial(wake, task, *args))


def wake_for_each(task: str, ids: Iterable[int], *more: object) -> None:
    """Hands primary keys to a task that takes a list of them, some at a time, and what else it wants to know."""
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        if not wake(task, batch, *more):
            return
