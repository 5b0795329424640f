from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from business.models import PortalSettings
from jobs.services import complete_job, update_job
from tests.factories import make_job


@pytest.fixture
def job(cast, portal):
    portal.guest_proof = PortalSettings.GuestProof.CODE
    portal.save()
    return make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_email="gita@example.com")


def door(job):
    return f"/l/{job.portal_links.get().token}/"


def code_sent():
    return re.search(r"\d{6}", mail.outbox[-1].body)[0]


def begin(client, job, words="gita@example.com"):
    return client.post(door(job), {"answer": words})


def test_the_right_answer_brings_a_code_and_the_code_opens(job, client):
    assert begin(client, job).status_code == 302
    assert [message.to for message in mail.outbox] == [["gita@example.com"]] or "gita@example.com" in mail.outbox[0].to[
        0
    ]
    page = client.get(door(job)).content.decode()
    assert "six digits" in page
    assert job.number not in page
    assert job.portal_links.get().opened_count == 0
    assert client.post(door(job), {"code": f" {code_sent()[:3]} {code_sent()[3:]} "}).status_code == 302
    assert job.number in client.get(door(job)).content.decode()
    assert job.portal_links.get().opened_count == 1


def test_a_wrong_answer_brings_nothing(job, client):
    assert begin(client, job, "carl@example.com").status_code == 403
    assert mail.outbox == []


def test_a_wrong_code_opens_nothing_and_few_are_borne(job, client):
    begin(client, job)
    wrong = "000000" if code_sent() != "000000" else "111111"
    for _ in range(5):
        assert client.post(door(job), {"code": wrong}).status_code == 403
    assert client.post(door(job), {"code": code_sent()}).status_code == 429
    assert job.number not in client.get(door(job)).content.decode()


def test_a_code_works_in_the_browser_that_asked_for_it_only(job, client):
    begin(client, job)
    elsewhere = Client()
    elsewhere.post(door(job), {"code": code_sent()})
    assert job.number not in elsewhere.get(door(job)).content.decode()


def test_a_code_works_once_and_for_ten_minutes(job, client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    begin(client, job)
    time_machine.shift(timedelta(minutes=11))
    client.post(door(job), {"code": code_sent()})
    assert job.number not in client.get(door(job)).content.decode()


def test_a_link_that_died_meanwhile_stays_shut(cast, job, client):
    begin(client, job)
    complete_job(job, by=cast.dana)
    assert client.post(door(job), {"code": code_sent()}).status_code == 403


def test_nobody_is_flooded_with_codes(job):
    statuses = [begin(Client(), job).status_code for _ in range(7)]
    assert statuses[-1] == 429
    assert len(mail.outbox) == 5


def test_where_no_code_can_go_the_visitor_is_told_to_call(cast, job, client):
    update_job(job, {"contact_email": "", "contact_phone": ""}, by=cast.dana)
    response = begin(client, job, job.number)
    assert response.status_code == 403
    assert "could not send you a code" in response.content.decode()


def test_she_can_begin_again(job, client):
    begin(client, job)
    assert client.post(door(job), {"again": "yes"}).status_code == 302
    assert "e-mail address" in client.get(door(job)).content.decode()
