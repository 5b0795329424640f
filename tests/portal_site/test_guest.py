from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.act import Source
from jobs.choices import JobStatus
from jobs.models import PortalLinkAttempt
from jobs.services import complete_job, revoke_portal_link, undo_cancel_job, update_job
from jobs.services.link_door import TRIES_PER_ADDRESS, TRIES_PER_LINK
from tests.factories import make_job

UNKNOWN = "/l/thereneverwasalinklikethis0000000/"


@pytest.fixture
def job(cast):
    facts = {"contact_name": "Gita", "contact_email": "gita@example.com", "contact_phone": "0151 2345678"}
    return make_job(cast.acme, cast.exchange, by=cast.dana, **facts)


def door(job):
    return f"/l/{job.portal_links.get().token}/"


def answer(client, path, words):
    return client.post(path, {"answer": words})


def shape(response):
    """A page without what differs in every one: the form's token."""
    lines = response.content.decode().splitlines()
    return response.status_code, [line for line in lines if "csrfmiddlewaretoken" not in line and "value=" not in line]


def test_gita_answers_and_sees_the_job(job, client):
    page = client.get(door(job)).content.decode()
    assert "e-mail address" in page
    assert job.number not in page
    assert answer(client, door(job), "gita@example.com").url == door(job)
    page = client.get(door(job)).content.decode()
    assert job.number in page


def test_and_nothing_else(cast, job, client):
    other = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    answer(client, door(job), "gita@example.com")
    assert client.get("/jobs/").status_code == 302
    assert client.get(f"/jobs/{job.number}/").status_code == 302
    assert other.number not in client.get(door(other)).content.decode()
    page = client.get(door(job)).content.decode()
    assert "/jobs/" not in page
    assert "/me/" not in page


@pytest.mark.parametrize("words", ["GITA@EXAMPLE.COM", "  gita@example.com ", "gita @example.com"])
def test_case_and_spaces_do_not_matter(job, client, words):
    assert answer(client, door(job), words).status_code == 302


@pytest.mark.parametrize("words", ["0151 2345678", "+49 151 2345678", "0049151/2345678", "(0151) 23-45-678"])
def test_without_an_address_the_mobile_is_asked_in_any_format(cast, job, client, words):
    update_job(job, {"contact_email": ""}, by=cast.dana)
    assert "mobile" in client.get(door(job)).content.decode()
    assert answer(client, door(job), words).status_code == 302


@pytest.mark.parametrize("words", ["J-000001", "j 000001", "j000001"])
def test_without_either_the_number_of_the_job(cast, job, client, words):
    update_job(job, {"contact_email": "", "contact_phone": ""}, by=cast.dana)
    assert answer(client, door(job), words).status_code == 302


@pytest.mark.parametrize("words", ["", "   ", "carl@example.com", "0151 2345678", "J-000001", "gita@example.co"])
def test_anything_else_opens_nothing(job, client, words):
    assert answer(client, door(job), words).status_code == (403 if words.strip() else 200)
    assert job.number not in client.get(door(job)).content.decode()


def test_a_wrong_answer_a_dead_link_and_a_link_that_never_was_look_the_same(cast, job):
    dead = make_job(cast.birch, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    complete_job(dead, by=cast.dana)
    alike = [(door(job), "wrong@example.com"), (door(dead), "gita@example.com"), (UNKNOWN, "gita@example.com")]
    requested = [shape(Client().get(path)) for path, _words in alike]
    answered = [shape(answer(Client(), path, words)) for path, words in alike]
    assert requested[0] == requested[1] == requested[2]
    assert answered[0] == answered[1] == answered[2]
    assert "+49 40 5550100" in "".join(answered[0][1])


def test_they_cost_the_same_queries(cast, job):
    def queries(path, words):
        client = Client()
        with CaptureQueriesContext(connection) as caught:
            answer(client, path, words)
        return len(caught)

    dead = make_job(cast.birch, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    complete_job(dead, by=cast.dana)
    # The first of a minute is noted, the others are counted with it.
    queries(UNKNOWN, "w")
    counts = [queries(door(job), "w@example.com"), queries(door(dead), "gita@example.com"), queries(UNKNOWN, "w")]
    assert len(set(counts)) == 1


def test_after_the_job_is_done_the_link_is_dead(cast, job, client):
    answer(client, door(job), "gita@example.com")
    complete_job(job, by=cast.dana)
    response = client.get(door(job))
    assert response.status_code == 410
    assert job.number not in response.content.decode()
    assert "+49 40 5550100" in response.content.decode()
    assert answer(Client(), door(job), "gita@example.com").status_code == 403


def test_a_revoked_link_is_dead_at_once(cast, job, client):
    answer(client, door(job), "gita@example.com")
    revoke_portal_link(job.portal_links.get(), by=cast.dana)
    assert client.get(door(job)).status_code == 410
    assert client.get(door(job) + "status/").status_code == 410


def test_when_the_portal_is_off_no_link_opens(job, portal, client):
    answer(client, door(job), "gita@example.com")
    portal.portal_enabled = False
    portal.save()
    assert client.get(door(job)).status_code == 403
    assert answer(Client(), door(job), "gita@example.com").status_code == 403


def test_openings_count_after_the_proof_only(job, client):
    client.get(door(job))
    answer(client, door(job), "wrong@example.com")
    link = job.portal_links.get()
    assert (link.opened_count, link.first_opened_at) == (0, None)
    answer(client, door(job), "gita@example.com")
    answer(Client(), door(job), "gita@example.com")
    link.refresh_from_db()
    assert link.opened_count == 2
    assert link.first_opened_at < link.last_opened_at
    assert not link.history.exists()


def test_a_link_bears_few_tries(job, client):
    for _ in range(TRIES_PER_LINK):
        assert answer(client, door(job), "wrong@example.com").status_code == 403
    response = answer(Client(REMOTE_ADDR="10.9.8.7"), door(job), "gita@example.com")
    assert response.status_code == 429
    assert "+49 40 5550100" in response.content.decode()


def test_a_pause_ends(job, client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for _ in range(TRIES_PER_LINK + 3):
        answer(client, door(job), "wrong@example.com")
    time_machine.shift(timedelta(minutes=16))
    assert answer(client, door(job), "gita@example.com").status_code == 302


def test_an_address_bears_few_tries_over_all_links(job):
    for n in range(TRIES_PER_ADDRESS):
        answer(Client(REMOTE_ADDR="10.1.1.1"), f"/l/guess{n}/", "x@example.com")
    assert answer(Client(REMOTE_ADDR="10.1.1.1"), door(job), "gita@example.com").status_code == 429
    assert answer(Client(REMOTE_ADDR="10.1.1.2"), door(job), "gita@example.com").status_code == 302


def test_the_tries_stand_in_the_database(job, client):
    answer(client, door(job), "wrong@example.com")
    answer(client, door(job), "gita@example.com")
    assert list(PortalLinkAttempt.objects.order_by("pk").values_list("succeeded", flat=True)) == [False, True]


def test_a_new_contact_on_the_job_ends_the_proof(cast, job, client):
    answer(client, door(job), "gita@example.com")
    update_job(job, {"contact_email": "zoe@example.com"}, by=cast.dana)
    assert job.number not in client.get(door(job)).content.decode()


def test_a_proof_does_not_hold_for_ever(job, client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    answer(client, door(job), "gita@example.com")
    time_machine.shift(timedelta(hours=25))
    assert job.number not in client.get(door(job)).content.decode()


def test_she_does_what_the_default_permissions_give(job, portal, client):
    answer(client, door(job), "gita@example.com")
    assert door(job) + "cancel/" in client.get(door(job)).content.decode()
    portal.default_permissions["cancel_jobs"] = False
    portal.save()
    assert door(job) + "cancel/" not in client.get(door(job)).content.decode()
    assert client.get(door(job) + "cancel/").status_code == 403
    portal.default_permissions["view_jobs"] = False
    portal.save()
    assert client.get(door(job)).status_code == 403


def test_she_calls_it_off_by_the_link(cast, job, client):
    answer(client, door(job), "gita@example.com")
    response = client.post(door(job) + "cancel/", {"reason": "-", "words": "No need"})
    assert response.status_code == 200
    assert "is cancelled" in response.content.decode()
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    row = job.history.first()
    assert (row.history_user, row.actor, row.history_source) == (None, "Guest", Source.LINK)
    assert client.get(door(job)).status_code == 410
    undo_cancel_job(job, by=cast.dana)
    assert client.get(door(job)).status_code == 200


def test_without_a_proof_the_other_pages_of_the_link_lead_to_the_question(job, client):
    for page in ("status/", "cancel/"):
        assert client.get(door(job) + page).url == door(job)
        assert client.post(door(job) + "cancel/", {"reason": "-", "words": "x"}).url == door(job)
    job.refresh_from_db()
    assert job.status == JobStatus.UNASSIGNED


def test_carl_signed_in_at_the_link_is_a_guest_like_any_other(cast, job, sign_in):
    client = sign_in(cast.carl)
    answer(client, door(job), "gita@example.com")
    page = client.get(door(job)).content.decode()
    assert job.number in page
    assert "Cedar School" not in page
    assert client.get(f"/jobs/{job.number}/").status_code == 404


def test_nothing_of_it_is_kept_or_told_on(job, client):
    answer(client, door(job), "gita@example.com")
    response = client.get(door(job))
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_behind_a_server_in_front_each_visitor_has_tries_of_her_own(job, settings):
    settings.BEHIND_PROXY = True
    for n in range(TRIES_PER_ADDRESS):
        answer(Client(headers={"X-Forwarded-For": f"10.0.0.{n}, 10.1.1.1"}), f"/l/guess{n}/", "x@example.com")
    stopped = Client(headers={"X-Forwarded-For": "10.1.1.1"})
    assert answer(stopped, door(job), "gita@example.com").status_code == 429
    assert answer(Client(headers={"X-Forwarded-For": "10.1.1.2"}), door(job), "gita@example.com").status_code == 302
