"""No line of a worker's log holds a token: not of what a task says, returns, throws or is given."""

from __future__ import annotations

import pytest
from django.conf import settings

from audit.masking import secret_routes
from config.celery import app
from tests.worker.conftest import wait_until

TOKEN = "Qx7fT2mK9-Qx7fT2mK9_Qx7fT2mK9abc"


@pytest.fixture
def log(folder_broker, publish_to, start_worker):
    """What a worker wrote after it was given tasks with a portal link and an invitation."""
    publish_to(folder_broker)
    worker = start_worker(folder_broker, include="tests.worker.telling_tasks")
    for start in ("l", "join"):
        address = f"{settings.SITE_URL}/{start}/{TOKEN}/"
        for name in ("succeed", "fail", "retry", "unknown"):
            app.send_task(f"telling.{name}", args=[address], kwargs={})
    # The last of them; the retry ends in a failure of its own.
    wait_until(lambda: _ended(worker.output.read_text()), "all of them end")
    return worker.output.read_text()


def _ended(text):
    return text.count("OSError: again") >= 2 and text.count("succeeded in") >= 2 and text.count("then ") >= 4


def test_a_workers_log_tells_what_happened_and_no_token(log):
    for said in (
        "plain", "by task", "printed", "succeeded in", "first", "then", "retry: Retry", "again", "telling.unknown",
        "Traceback",
    ):  # fmt: skip
        assert said in log, said
    assert "/l/…" in log and "/join/…" in log
    assert [line for line in log.splitlines() if TOKEN in line] == []
    assert {"l/", "join/"} <= {route.partition("<")[0] for route in secret_routes()}
