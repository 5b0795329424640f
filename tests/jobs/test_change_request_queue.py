from __future__ import annotations

import pytest
from django.urls import reverse

from jobs.choices import EventKind, JobStatus
from jobs.models import ChangeRequest
from jobs.services import answer_change_request, ask_for_change
from tests.console.people import narrow
from tests.factories import make_job

LIST = "/admin/jobs/changerequest/"
Kind, State = ChangeRequest.Kind, ChangeRequest.State


@pytest.fixture
def waiting(cast):
    job = make_job(cast.acme, cast.exchange)
    return ask_for_change(job, by=cast.cora.user, kind=Kind.CANCEL, reason="We moved out.")


def click(client, waiting, button, **answers):
    url = reverse(f"admin:jobs_changerequest_{button}", args=[waiting.pk])
    return client.post(url, {"_form_submitted": "1", **answers})


def test_those_that_wait_stand_first(cast, sign_in, waiting):
    newer = ask_for_change(make_job(cast.birch, cast.exchange), by=None, kind=Kind.CHANGE, reason="Later, please.")
    answer_change_request(newer, by=cast.dana, accept=True)
    rows = sign_in(cast.dana).get(LIST).context["cl"].result_list
    assert [row.pk for row in rows] == [waiting.pk, newer.pk]


def test_accepting_a_cancellation_cancels_the_job(cast, sign_in, waiting):
    dana = sign_in(cast.dana)
    page = dana.get(reverse("admin:jobs_changerequest_accept", args=[waiting.pk])).content.decode()
    assert "Accepting cancels the job." in page and "We moved out." in page
    click(dana, waiting, "accept", answer="Done, all the best.")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.answered_by, waiting.job.status) == (State.ACCEPTED, cast.dana, JobStatus.CANCELLED)
    assert waiting.job.events.last().kind == EventKind.CHANGE_ANSWERED


def test_declining_needs_a_reason(cast, sign_in, waiting):
    dana = sign_in(cast.dana)
    assert click(dana, waiting, "decline", answer=" ").status_code == 200
    click(dana, waiting, "decline", answer="The lorry is on its way.")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.job.status) == (State.DECLINED, JobStatus.UNASSIGNED)


def test_answered_twice_leads_back_with_a_sentence(cast, sign_in, waiting):
    answer_change_request(waiting, by=cast.olivia, accept=False, answer="No.")
    dana = sign_in(cast.dana)
    page = click(dana, waiting, "accept")
    assert page.status_code == 302 and "has changed meanwhile" in dana.get(page.url).content.decode()
    waiting.refresh_from_db()
    assert waiting.answer == "No."


def test_from_the_jobs_page_one_comes_back_to_it(cast, sign_in, waiting):
    job_page = reverse("admin:jobs_job_change", args=[waiting.job_id])
    url = reverse("admin:jobs_changerequest_accept", args=[waiting.pk]) + f"?next={job_page}"
    assert sign_in(cast.dana).post(url, {"_form_submitted": "1"}).url == job_page


def test_no_address_sends_her_to_somebody_elses_site(cast, sign_in, waiting):
    own = reverse("admin:jobs_changerequest_accept", args=[waiting.pk])
    answer = sign_in(cast.dana).post(f"{own}?next=https://evil.example/", {"_form_submitted": "1"})
    assert answer.url == reverse("admin:jobs_changerequest_change", args=[waiting.pk])


def test_a_narrowed_dispatcher_answers_her_customers_only(cast, sign_in, waiting):
    narrow(cast.dana, cast.birch)
    dana = sign_in(cast.dana)
    assert not dana.get(LIST).context["cl"].result_list
    assert click(dana, waiting, "accept").status_code == 404


@pytest.mark.parametrize("person", ["sam", "bill", "nell"])
def test_nobody_else_answers(cast, sign_in, waiting, person):
    assert click(sign_in(getattr(cast, person)), waiting, "accept").status_code in (403, 404)
    waiting.refresh_from_db()
    assert waiting.state == State.WAITING


def test_its_page_tells_what_is_asked_and_about_which_job(cast, sign_in, waiting):
    url = reverse("admin:jobs_changerequest_change", args=[waiting.pk])
    for person in (cast.dana, cast.sam):
        page = sign_in(person).get(url).content.decode()
        for words in ("Acme Builders asks to cancel", waiting.job.number, "We moved out.", "Skip exchange", "Cora"):
            assert words in page, words
        assert "[&#x27;" not in page and 'name="_save"' not in page


def test_nobody_writes_by_the_page_what_only_an_answer_may(cast, sign_in, waiting):
    url = reverse("admin:jobs_changerequest_change", args=[waiting.pk])
    sign_in(cast.dana).post(url, {"state": "accepted", "reason": "Mine now.", "answer": "Yes", "kind": "change"})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason, waiting.answer) == (State.WAITING, "We moved out.", "")
