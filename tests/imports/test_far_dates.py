"""A date far from today is a problem; whoever imports looks at it, and accepts it with one click."""

from __future__ import annotations

import pytest
from django.urls import reverse

from imports.services import accept_dates, check_run, commit_run, set_mapping, work_on_run
from jobs.models import Job

TEXT = "id,customer,start\n1,Acme Builders,31/12/99\n2,Acme Builders,01.01.1970\n3,Acme Builders,2126-12-10\n"
NONE, ALL = {"made": 0, "changed": 0, "skipped": 0, "failed": 3}, {"made": 3, "changed": 0, "skipped": 0, "failed": 0}


@pytest.fixture
def run(cast, checked):
    return checked(TEXT, by=cast.olivia)


def page(name, run):
    return reverse(f"admin:imports_importrun_{name}", args=[run.pk])


def accepted(client, run):
    data = {"do": "accept_dates", "column": "planned_start"}
    answer = client.post(page("remedy", run), data, follow=True)
    run.refresh_from_db()
    return answer.content.decode()


def test_the_check_names_them_in_one_problem(run):
    [group] = run.report["problems"]
    assert run.report["counts"] == NONE
    assert (group["code"], group["count"]) == ("far_date", 3) and "check the year" in group["reason"]


def test_one_click_takes_them_and_the_run_says_so(cast, run, sign_in):
    client = sign_in(cast.olivia)
    assert "Accept these dates" in client.get(page("change", run)).content.decode()
    html = accepted(client, run)
    assert run.report["counts"] == ALL and "Dates far from today were accepted in: Planned start" in html
    commit_run(run, by=cast.olivia)
    work_on_run(run.pk)
    assert [f"{job.planned_start:%Y}" for job in Job.objects.order_by("id")] == ["1999", "1970", "2126"]
    assert "Dates far from today were accepted in" in client.get(page("change", run)).content.decode()


def test_what_was_accepted_is_remembered_when_the_columns_are_chosen_anew(cast, run):
    run = accept_dates(run, "planned_start", by=cast.olivia)
    run = check_run(set_mapping(run, run.columns, by=cast.olivia), by=cast.olivia)
    assert run.report["counts"] == ALL


def test_the_next_file_is_asked_about_anew(cast, run, checked):
    accept_dates(run, "planned_start", by=cast.olivia)
    assert checked(TEXT, by=cast.olivia).report["counts"] == NONE


def test_only_the_column_that_was_looked_at_is_accepted(cast, checked):
    text = "id,customer,start,requested start\n1,Acme Builders,2126-12-10,2126-12-09\n"
    run = accept_dates(checked(text, by=cast.olivia), "planned_start", by=cast.olivia)
    [group] = check_run(run, by=cast.olivia).report["problems"]
    assert group["column"] == "requested_start"


def test_nell_accepts_nothing(cast, run, sign_in):
    data = {"do": "accept_dates", "column": "planned_start"}
    assert sign_in(cast.nell).post(page("remedy", run), data).status_code in (403, 404)
    run.refresh_from_db()
    assert run.accepted_dates == []


@pytest.mark.parametrize("seconds", ["99999999999", "-62135596800", "1e10", "1e400"])
def test_a_number_of_seconds_that_is_no_year_of_ours_is_no_date_however_far_one_accepts(cast, checked, seconds):
    text = f"id,customer,start\n1,Acme Builders,1796000000\n2,Acme Builders,{seconds}\n"
    run = checked(text, by=cast.olivia, formats={"dates": "epoch"})
    accept_dates(run, "planned_start", by=cast.olivia)
    run.refresh_from_db()
    run = commit_run(check_run(run, by=cast.olivia), by=cast.olivia)
    assert run.report["counts"] == {"made": 1, "changed": 0, "skipped": 0, "failed": 1}
    work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.made, run.failed, run.problem) == (1, 1, "")
