"""What needs her, what is next, what she can ask for."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jobs.models import ChangeRequest
from jobs.services import answer_change_request, ask_for_change, schedule_job
from permissions.models import PermissionOverride
from tests.factories import make_job, make_template

Kind = ChangeRequest.Kind


def make_request(cast, customer, **more):
    job = make_job(customer, cast.exchange, by=cast.dana)
    return ask_for_change(job, by=cast.cora.user, kind=Kind.CHANGE, reason="Later, please", **more)


def test_what_waits_for_an_answer_and_what_was_answered_stand_there(cast, sign_in):
    waiting, answered, theirs = (make_request(cast, cast.acme) for _ in range(3))
    answer_change_request(answered, by=cast.dana, accept=False, answer="The street is closed")
    stranger = make_request(cast, cast.cedar)
    page = sign_in(cast.cora).get("/")
    assert [request.pk for request in page.context["change_requests"]] == [theirs.pk, answered.pk, waiting.pk]
    text = page.content.decode()
    assert "Waiting for our answer" in text
    assert "The street is closed" in text
    assert stranger.job.number not in text


def test_an_old_answer_is_no_news(cast, sign_in, time_machine):
    request = make_request(cast, cast.acme)
    answer_change_request(request, by=cast.dana, accept=True)
    time_machine.move_to(timezone.now() + timedelta(days=4), tick=False)
    assert not sign_in(cast.cora).get("/").context["change_requests"]


def test_one_kind_of_job_is_one_click_away(cast, sign_in):
    page = sign_in(cast.cora).get("/").content.decode()
    assert page.count('href="/jobs/new/skip-exchange/"') == 1
    assert "What can we do for you?" not in page


def test_several_are_boxes_and_many_a_page_of_their_own(cast, sign_in):
    for n in range(3):
        make_template(f"Kind {n}")
    page = sign_in(cast.cora).get("/").content.decode()
    assert "What can we do for you?" in page
    assert page.count('href="/jobs/new/') == 4
    for n in range(3, 7):
        make_template(f"Kind {n}")
    page = sign_in(cast.cora).get("/").content.decode()
    assert page.count('href="/jobs/new/"') == 1


def test_without_the_right_there_is_nothing_to_ask_for(cast, sign_in):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="create_jobs", effect="deny")
    assert "/jobs/new/" not in sign_in(cast.cora).get("/").content.decode()


def test_the_businesss_telephone_and_mail_stand_on_every_page(cast, sign_in, client):
    cora = sign_in(cast.cora)
    for page in (cora.get("/"), cora.get("/jobs/"), cora.get("/me/"), client.get("/login/"), client.get("/nothing/")):
        assert 'href="tel:+49405550100"' in page.content.decode()
        assert "office@harbour.example" in page.content.decode()


def test_a_worker_stands_in_her_lists_only_if_she_may_know(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(hours=1), worker=cast.theo)
    client = sign_in(cast.cora)
    assert "Theo" not in client.get("/").content.decode() + client.get("/jobs/").content.decode()
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_worker", effect="allow")
    assert "Theo" in client.get("/").content.decode()
    assert "Theo" in client.get("/jobs/").content.decode()
