"""Celery logs the arguments of tasks: each is decided on, and none may be a token."""

from __future__ import annotations

import inspect

from config.celery import app
from config.cleaners import OURS

# Numbers of records, the names of a table and a channel, and whom a new password was asked for.
ARGUMENTS = {"channel", "event_ids", "model", "export_id", "run_id", "email", "language"}


def test_a_new_argument_is_red_until_it_is_decided():
    app.loader.import_default_modules()
    tasks = [task for name, task in app.tasks.items() if name.split(".")[0] in OURS]
    assert {name for task in tasks for name in inspect.signature(task.run).parameters} == ARGUMENTS
