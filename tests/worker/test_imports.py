"""A worker that is killed in the middle of an import, again and again: every good row exists exactly once."""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from config.celery import app
from imports.choices import RunState
from imports.models import ImportRow, ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file
from jobs.models import Job, JobEvent, PortalLink
from tests.worker.conftest import wait_until

# Enough that ten kills all hit the run on its way; SQLite writes fewer rows a second.
ROWS = 60_000 if connection.vendor == "postgresql" else 15_000
KILLS = 10
SEED = int(os.environ.get("KILL_SEED", "9"))


@pytest.fixture
def committed_run(cast: Any, settings: Any, tmp_path: Any, redis_broker: Any, publish_to: Any) -> ImportRun:
    # Where the worker keeps its files too.
    settings.MEDIA_ROOT = tmp_path / "var" / "media"
    publish_to(redis_broker)
    lines = ["id,template,customer,start"]
    for n in range(ROWS):
        lines.append(f"A-{n},Skip exchange,Customer {n % 40},{'not a date' if n % 100 == 7 else '2026-12-01 08:00'}")
    run = upload_file(ContentFile("\n".join(lines).encode(), name="large.csv"), by=cast.ines)
    run = set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines)
    return commit_run(check_run(run, by=cast.ines), by=cast.ines, announce=False)


def _time_passes_and_the_sweep_comes() -> None:
    """A dead worker falls silent; what the clock does every 20 seconds finds that out."""
    ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    app.send_task("imports.tasks.sweep")


def test_a_worker_killed_ten_times_leaves_every_good_row_exactly_once(committed_run, redis_broker, start_worker):
    print(f"KILL_SEED={SEED}")
    dice = random.Random(SEED)
    done = []
    for _ in range(KILLS):
        before = ImportRun.objects.get().claim
        worker = start_worker(redis_broker)
        wait_until(lambda claim=before: ImportRun.objects.get().claim != claim, "the worker takes the import up")
        if dice.random() < 0.5:  # in the middle of the next chunk, else at once, perhaps before the first
            rows = ImportRun.objects.get().rows_done
            wait_until(lambda rows=rows: ImportRun.objects.get().rows_done > rows, "it writes some rows")
        time.sleep(dice.uniform(0, 0.2))
        worker.kill()
        run = ImportRun.objects.get()
        done.append(run.rows_done)
        assert run.state in (RunState.QUEUED, RunState.RUNNING), f"killed {len(done)} times, the last time too late"
        _time_passes_and_the_sweep_comes()
    assert len(done) == KILLS and done == sorted(done) and done[-1] > 0
    start_worker(redis_broker)
    _time_passes_and_the_sweep_comes()
    wait_until(lambda: ImportRun.objects.get().state == RunState.FINISHED, "the import ends by itself")
    run = ImportRun.objects.get()
    bad = ROWS // 100
    assert (run.made, run.failed, run.rows.count()) == (ROWS - bad, bad, ROWS)
    assert Job.objects.count() == ROWS - bad
    assert set(Job.objects.values_list("external_id", flat=True)) == {f"A-{n}" for n in range(ROWS) if n % 100 != 7}
    assert Job.history.count() == PortalLink.objects.count() == ROWS - bad
    assert JobEvent.objects.filter(kind="job.created").count() == ROWS - bad
    assert ImportRow.objects.filter(object_id__isnull=False).values("object_id").distinct().count() == ROWS - bad
