from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Customer
from audit.act import Source
from console.errors import NotAllowed, Refused
from imports.choices import Existing, RowState, RunState
from imports.files_out import failed_rows
from imports.services import start_undo
from imports.services.mappings import column_names
from jobs.models import Job
from jobs.services import update_job
from tests.imports.conftest import GOOD


def test_the_check_counts_and_writes_nothing(cast, checked):
    run = checked(GOOD, by=cast.ines)
    assert run.report["counts"] == {"made": 2, "changed": 0, "skipped": 0, "failed": 1}
    assert run.report["new_customers"] == 1
    assert not Job.objects.exists() and not Customer.objects.filter(name="New Bakery").exists()


def test_the_check_names_row_column_value_and_reason(cast, checked):
    [group] = checked(GOOD, by=cast.ines).report["problems"]
    assert (group["column"], group["rows"]) == ("planned_start", [[4, "not a date"]])
    assert group["reason"] == "is not a date"


def test_the_good_rows_become_jobs_and_the_bad_one_is_kept(cast, imported):
    run = imported(GOOD, by=cast.ines)
    assert (run.state, run.made, run.failed) == (RunState.FINISHED, 2, 1)
    job = Job.objects.get(external_id="A-1")
    assert (job.customer, job.template, job.source) == (cast.acme, cast.exchange, Source.IMPORT)
    bad = run.rows.get(state=RowState.FAILED)
    assert (bad.number, bad.raw[4]) == (4, "not a date")


def test_history_says_who_imported_it_and_in_which_run(cast, imported):
    run = imported(GOOD, by=cast.ines)
    row = Job.objects.get(external_id="A-1").history.get()
    assert (row.actor, row.history_source, row.request_id) == ("Ines", Source.IMPORT, run.request_id)
    assert row.history_change_reason == f"Import no. {run.pk}"


def test_a_new_name_makes_a_customer_with_the_jobs_contact(cast, imported):
    imported(GOOD, by=cast.ines)
    bakery = Customer.objects.get(name="New Bakery")
    assert bakery.contacts.get().email == "tilda@bakery.example" and bakery.contacts.get().is_site_contact


def test_the_same_file_twice_makes_no_second_job(cast, imported, checked):
    imported(GOOD, by=cast.ines)
    run = checked(GOOD, by=cast.ines)
    assert run.report["counts"]["made"] == 0
    assert Job.objects.count() == 2


def test_a_row_twice_in_one_file_makes_one_job(cast, imported):
    text = "id,template,customer\nX,Skip exchange,Acme Builders\nX,Skip exchange,Acme Builders\n"
    run = imported(text, by=cast.ines)
    assert (run.made, run.skipped) == (1, 1)


def test_update_changes_what_differs_and_says_old_and_new(cast, imported, checked):
    imported("id,template,customer,notes,amount\nX,Skip exchange,Acme Builders,Gate 1,10\n", by=cast.ines)
    text = "id,template,customer,notes,amount\nX,Skip exchange,Acme Builders,Gate 1,12\n"
    run = checked(text, by=cast.ines, existing=Existing.UPDATE)
    assert run.report["changes"][0]["fields"] == [["amount", "10.00", "12.00"]]
    run = imported(text, by=cast.ines, existing=Existing.UPDATE)
    assert (run.changed, str(Job.objects.get().amount)) == (1, "12.00")


def test_undo_removes_jobs_and_their_new_customers(cast, imported):
    run = start_undo(imported(GOOD, by=cast.ines), by=cast.ines)
    assert run.state == RunState.UNDONE
    assert not Job.objects.exists() and not Customer.objects.filter(name="New Bakery").exists()
    assert run.undo_report["removed"] == 2


def test_undo_keeps_and_names_what_somebody_touched(cast, imported):
    run = imported(GOOD, by=cast.ines)
    job = Job.objects.get(external_id="A-2")
    update_job(job, {"notes": "Ring twice"}, by=cast.dana)
    run = start_undo(run, by=cast.ines)
    assert Job.objects.get() == job
    [[label, why]] = run.undo_report["why"]
    assert label == job.number and "Dana" in why
    assert Customer.objects.filter(name="New Bakery").exists()


def test_undo_gives_changed_jobs_back_what_they_said(cast, imported):
    imported("id,template,customer,amount\nX,Skip exchange,Acme Builders,10\n", by=cast.ines)
    text = "id,template,customer,amount\nX,Skip exchange,Acme Builders,12\n"
    run = start_undo(imported(text, by=cast.ines, existing=Existing.UPDATE), by=cast.ines)
    assert str(Job.objects.get().amount) == "10.00" and run.undo_report["restored"] == 1


def test_after_undo_the_same_file_makes_the_jobs_again(cast, imported):
    start_undo(imported(GOOD, by=cast.ines), by=cast.ines)
    assert imported(GOOD, by=cast.ines).made == 2


@pytest.mark.parametrize("who", ["nell", "sam", "bill"])
def test_without_the_right_nobody_imports(cast, upload, who):
    with pytest.raises(NotAllowed):
        upload(GOOD, by=getattr(cast, who))


def test_two_people_commit_at_once_and_one_of_them_hears_it(cast, checked):
    from imports.services import commit_run

    run = checked(GOOD, by=cast.ines)
    commit_run(run, by=cast.ines)
    with pytest.raises(Refused):
        commit_run(run, by=cast.ines)


def test_history_tells_of_people_not_of_machinery(cast, imported):
    run = imported(GOOD, by=cast.ines)
    row = run.history.first()
    assert not {"file", "reading", "claim", "digest"} & {field.name for field in row.tracked_fields}
    assert row.request_id == run.request_id


def test_the_result_names_the_column_of_the_file_too(cast, imported, sign_in):
    run = imported(GOOD, by=cast.ines)
    (failed,) = run.rows.filter(state="failed")
    assert failed.problems == [["planned_start", "not a date", "is not a date"]]
    assert column_names(run, by=cast.ines).of("planned_start") == "Planned start (Start)"
    html = sign_in(cast.ines).get(reverse("admin:imports_importrun_change", args=[run.pk])).content.decode()
    assert "<strong>Planned start (Start)</strong>" in html
    assert "Planned start (Start): “not a date” is not a date" in "".join(failed_rows(run, by=cast.ines))


def test_a_column_called_as_ours_is_named_once(cast, checked):
    run = checked(GOOD.replace("Start", "planned start"), by=cast.ines)
    names = column_names(run, by=cast.ines)
    assert [names.of(group["column"]) for group in run.report["problems"]] == ["Planned start"]


def test_a_result_from_before_columns_were_named_by_key_says_what_it_said(cast, imported, sign_in):
    run = imported(GOOD, by=cast.ines)
    run.rows.filter(state="failed").update(problems=[["Planned start (Start)", "not a date", "is not a date"]])
    html = sign_in(cast.ines).get(reverse("admin:imports_importrun_change", args=[run.pk])).content.decode()
    assert "<strong>Planned start (Start)</strong>" in html
