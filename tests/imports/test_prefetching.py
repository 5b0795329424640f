"""Rows planned while those above them are being written come to the same, and faults come through."""

from __future__ import annotations

import pytest
from django.db import connection

from imports.choices import Existing, RunState
from imports.plan import Planner
from imports.services import commit_run, running, work_on_run
from jobs.models import Job
from jobs.services import NewJob, create_job

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer and no second connection"),
]
ROWS = 40


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr("imports.services.running.CHUNK", 5)


def table(count=ROWS):
    rows = [f"P-{n},Skip exchange,New customer {n % 4},2026-12-01 08:{n % 60:02d}" for n in range(count)]
    return "\n".join(["id,template,customer,start", *rows, rows[0]])


def work(run):
    work_on_run(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.usefixtures("small_chunks")
class TestPlanningAhead:
    def test_each_row_becomes_one_job_and_each_name_one_customer(self, cast, imported):
        run = imported(table(), by=cast.ines)
        assert (run.state, run.made, run.skipped) == (RunState.FINISHED, ROWS, 1)
        assert Job.objects.count() == ROWS and Job.objects.values("customer").distinct().count() == 4

    def test_what_somebody_makes_meanwhile_is_left_as_it_is(self, cast, checked, monkeypatch):
        run = commit_run(checked(table(), by=cast.ines), by=cast.ines)
        plan, calls = Planner.plan, []

        def plan_and_be_overtaken(planner, rows):
            planned = plan(planner, rows)
            calls.append(1)
            if len(calls) == 3:
                create_job(NewJob(cast.acme, cast.exchange, external_id="P-12"), by=cast.dana)
            return planned

        monkeypatch.setattr(Planner, "plan", plan_and_be_overtaken)
        run = work(run)
        assert (run.state, run.made, run.skipped) == (RunState.FINISHED, ROWS - 1, 2)
        assert Job.objects.get(external_id="P-12").customer == cast.acme

    def test_a_fault_of_the_planning_ends_the_run_with_a_sentence(self, cast, checked, monkeypatch):
        run = commit_run(checked(table(), by=cast.ines), by=cast.ines)

        def fail(_planner, _rows):
            raise ZeroDivisionError

        monkeypatch.setattr(Planner, "plan", fail)
        run = work(run)
        assert run.state == RunState.FAILED and run.problem and not Job.objects.exists()

    def test_changes_are_planned_when_those_above_are_made(self, cast, imported, monkeypatch):
        monkeypatch.setattr(running, "prefetched", lambda *_args: pytest.fail("prefetched"))
        imported(table(3), by=cast.ines, existing=Existing.UPDATE)
        assert Job.objects.count() == 3
