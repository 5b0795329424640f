"""An undo whose worker died is taken up where it stood: what stays is counted and named once."""

from __future__ import annotations

import pytest

from imports.choices import RunState
from imports.models import ImportRun
from imports.services import start_undo, undoing, work_on_run
from jobs.models import Job
from jobs.services import cancel_job

TABLE = "id,template,customer\n" + "".join(f"U-{n},Skip exchange,Acme Builders\n" for n in range(8))


def test_what_stays_is_counted_and_named_once(cast, imported, monkeypatch):
    run = imported(TABLE, by=cast.ines)
    touched = list(Job.objects.order_by("id"))[-3:]
    for job in touched:
        cancel_job(job, by=cast.dana, reason="Too late")
    monkeypatch.setattr(undoing, "CHUNK", 4)
    monkeypatch.setattr(undoing, "AT_ONCE", 0)
    run = start_undo(run, by=cast.ines)
    whole, chunks = undoing._undo_chunk, []

    def dying(*given):
        chunks.append(given)
        if len(chunks) == 2:
            raise SystemExit
        whole(*given)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(undoing, "_undo_chunk", dying)
        work_on_run(run.pk)
    ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=None)
    work_on_run(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.UNDONE
    assert {name: run.undo_report[name] for name in ("removed", "restored", "kept")} == {
        "removed": 5,
        "restored": 0,
        "kept": 3,
    }
    assert {label for label, _why in run.undo_report["why"]} == {job.number for job in touched}
    assert set(run.undo_report) == {"removed", "restored", "kept", "why"}
    assert set(Job.objects.all()) == set(touched)
