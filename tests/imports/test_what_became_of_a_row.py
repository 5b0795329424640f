"""Each row of an import that is over says what became of it in the end, and claims nothing that is not so."""

from __future__ import annotations

import pytest
from django.urls import reverse

from imports.choices import RunState
from imports.services import commit_run, start_undo, work_on_run
from jobs.models import Job
from jobs.services import update_job
from tests.factories import make_job
from tests.imports.conftest import GOOD


def page(run):
    return reverse("admin:imports_importrun_change", args=[run.pk])


def words(client, run):
    return [(str(word), colour) for _row, word, colour, _url in client.get(page(run)).context["rows"]]


def test_what_was_taken_back_is_grey_and_what_was_kept_is_not(cast, sign_in, imported):
    run = imported(GOOD, by=cast.ines)
    client = sign_in(cast.ines)
    assert words(client, run) == [("Made", "success"), ("Made", "success"), ("Failed", "danger")]
    update_job(Job.objects.get(external_id="A-2"), {"notes": "Ring twice"}, by=cast.dana)
    start_undo(run, by=cast.ines)
    assert words(client, run) == [("Taken back", "default"), ("Made", "success"), ("Failed", "danger")]


def test_a_row_that_ines_left_out_was_nothing_before(cast, sign_in, imported):
    values = {"template": {"from": ["Service"], "values": {"Old": None}}}
    columns = {"external_id": {"from": ["Order number"]}, "customer": {"from": ["Customer"]}} | values
    text = "Order number,Service,Customer\nB-1,Skip exchange,Acme Builders\n"
    imported(text, by=cast.ines, columns=columns)
    more = "B-2,Old,Acme Builders\nB-3,Skip exchange,Acme Builders\n"
    run = imported(text + more, by=cast.ines, columns=columns)
    client = sign_in(cast.ines)
    assert [word for word, _colour in words(client, run)] == ["Left as it was", "Left out", "Made"]
    assert "left as they were" not in client.get(page(run)).content.decode()


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_the_state_stands_once_on_the_page_of_a_run_that_goes_on(cast, sign_in, checked, state):
    run = commit_run(checked(GOOD, by=cast.ines), by=cast.ines)
    run.state = state
    run.save()
    assert sign_in(cast.ines).get(page(run)).content.decode().count(str(state.label)) == 1


def test_the_state_stands_on_the_page_of_one_that_is_over(cast, sign_in, checked):
    run = commit_run(checked(GOOD, by=cast.ines), by=cast.ines)
    work_on_run(run.pk)
    assert "Finished" in sign_in(cast.ines).get(page(run)).content.decode()


def test_a_failed_row_keeps_addresses_of_other_sites_and_no_key_of_ours(cast, imported):
    ours = make_job(cast.acme, cast.exchange, by=cast.dana).portal_links.get()
    foreign = f"https://photos.example/l/{'q' * 20}/ https://photos.example/l/{'q' * 40}/"
    good = "Skip exchange,Acme Builders,,2026-12-01 08:30\n"
    text = f"Service,Customer,Notes,Start\n{good}Skip exchange,Acme Builders,{foreign} {ours.url},not a date\n"
    (failed,) = imported(text, by=cast.ines).rows.filter(state="failed")
    cell = failed.raw[2]
    assert foreign in cell and "/l/…" in cell and ours.token not in cell
