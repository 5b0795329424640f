"""What somebody changes while a file is being written counts for the rows that are still to come."""

from __future__ import annotations

import pytest

from imports.choices import RunState
from imports.services import commit_run, running, work_on_run
from jobs.models import Job
from templates_app.services import archive_template

TABLE = "\n".join(["id,template,customer", *(f"M-{n},Skip exchange,Acme" for n in range(6))])


@pytest.fixture
def archived_after_two_rows(cast, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    write = running._write_chunk

    def write_and_archive(*args):
        go_on = write(*args)
        if Job.objects.count() == 2:
            archive_template(cast.exchange, by=cast.olivia)
        return go_on

    monkeypatch.setattr(running, "_write_chunk", write_and_archive)


@pytest.mark.usefixtures("archived_after_two_rows")
class TestATemplateArchivedMeanwhile:
    def test_no_more_jobs_are_made_from_it(self, cast, checked):
        run = commit_run(checked(TABLE, by=cast.ines), by=cast.ines)
        work_on_run(run.pk)
        run.refresh_from_db()
        assert (run.state, run.made, run.failed) == (RunState.FINISHED, 2, 4)

    def test_all_or_nothing_stops_and_says_what_can_be_undone(self, cast, checked):
        run = commit_run(checked(TABLE, by=cast.ines), by=cast.ines, all_or_nothing=True)
        work_on_run(run.pk)
        run.refresh_from_db()
        assert run.state == RunState.FAILED and Job.objects.count() == run.made == 2
        assert "row 4" in run.problem and "can be undone" in run.problem
