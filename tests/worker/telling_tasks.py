"""Tasks that tell a token in every way a task can; for a worker of the tests alone."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task
from celery.utils.log import get_task_logger

from config.celery import app


@app.task(name="telling.succeed")
def succeed(address: str) -> str:
    """Say it by both loggers that a task may use, on standard output, and as the result."""
    logging.getLogger("jobs").warning("plain %s", address)
    get_task_logger("telling").warning("by task %s", address)
    print("printed", address)
    return address


@app.task(name="telling.fail")
def fail(address: str) -> None:
    """Say it in what is thrown, and in what that was thrown from."""
    try:
        raise ValueError(f"first {address}")
    except ValueError as error:
        raise RuntimeError(f"then {address}") from error


@app.task(name="telling.retry", bind=True, max_retries=1)
def retry(self: Task[Any, Any], address: str) -> None:
    """Say it as the reason of a retry."""
    raise self.retry(exc=OSError(f"again {address}"), countdown=0)
