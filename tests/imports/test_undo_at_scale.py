"""An undo costs the same queries for ten rows as for two hundred, and still finds the one that somebody touched."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.choices import Existing, RunState
from imports.services import start_undo, work_on_run
from jobs.models import Job, JobEvent, PortalLink
from jobs.services import update_job


def table(count, first=0, amount="10"):
    rows = [f"U-{n},Skip exchange,New customer {n % 3},{amount}" for n in range(first, first + count)]
    return "\n".join(["id,template,customer,amount", *rows])


def test_queries_do_not_grow_with_the_rows(cast, imported):
    def queries(run):
        with CaptureQueriesContext(connection) as caught:
            start_undo(run, by=cast.ines)
        assert run.made and not Job.objects.exists()
        return len(caught)

    # The first undo looks up what later ones remember: permissions, kinds of records.
    queries(imported(table(3), by=cast.ines))
    assert queries(imported(table(10), by=cast.ines)) == queries(imported(table(200), by=cast.ines))


def test_a_large_run_is_undone_by_the_worker_who_keeps_and_names_what_was_touched(cast, imported):
    run = imported(table(350), by=cast.ines)
    touched = Job.objects.get(external_id="U-120")
    update_job(touched, {"notes": "Ring twice"}, by=cast.dana)
    run = start_undo(run, by=cast.ines)
    assert run.state == RunState.UNDOING and Job.objects.count() == 350
    work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.undo_report["removed"], run.undo_report["kept"]) == (RunState.UNDONE, 349, 1)
    [[label, why]] = run.undo_report["why"]
    assert label == touched.number and "Dana" in why
    assert Job.objects.get() == touched
    assert {event.job_id for event in JobEvent.objects.all()} == {touched.pk}
    assert PortalLink.objects.get().job == touched


def test_every_job_that_went_has_a_last_row_of_history_by_who_undid_it(cast, imported):
    run = imported(table(12), by=cast.ines)
    numbers = set(Job.objects.values_list("number", flat=True))
    start_undo(run, by=cast.olivia)
    gone = Job.history.filter(history_type="-")
    assert {row.label for row in gone} == numbers
    assert {row.actor for row in gone} == {"Olivia"} and {row.history_source for row in gone} == {"import"}
    assert not PortalLink.objects.exists()


def test_what_was_changed_before_the_run_is_no_touch(cast, imported):
    imported(table(3), by=cast.ines)
    update_job(Job.objects.get(external_id="U-1"), {"notes": "Ring twice"}, by=cast.dana)
    run = imported(table(3, amount="12"), by=cast.ines, existing=Existing.UPDATE)
    run = start_undo(run, by=cast.ines)
    assert (run.undo_report["restored"], run.undo_report["kept"]) == (3, 0)
    assert {str(job.amount) for job in Job.objects.all()} == {"10.00"}
