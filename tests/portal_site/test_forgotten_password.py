from __future__ import annotations

import re

import pytest
from celery import current_app
from django.core import mail

from portal_site.tasks import send_password_reset
from tests.alerts.mails import send_mails
from tests.factories import PASSWORD


@pytest.fixture
def at_once(monkeypatch):
    """The worker is quick."""

    def send(name, args, **_options):
        if name == "portal_site.tasks.send_password_reset":
            send_password_reset(*args)
            send_mails()

    monkeypatch.setattr(current_app, "send_task", send)


def test_a_known_and_an_unknown_address_get_the_same_answer(cast, client, at_once):
    known = client.post("/password/", {"email": "cora@example.com"})
    unknown = client.post("/password/", {"email": "nobody@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, "/password/sent/")
    assert [message.to for message in mail.outbox] == [["cora@example.com"]]


def test_the_mail_leads_to_a_new_password(cast, client, at_once, settings):
    settings.SITE_URL = "https://portal.harbour.example"
    client.post("/password/", {"email": "cora@example.com"})
    message = mail.outbox[0]
    assert "Harbour Bins" in message.subject
    assert message.from_email == "Harbour Bins <no-reply@portico.example>"
    found = re.search(r"https://portal\.harbour\.example(/password/new/\S+)", message.body)
    page = client.get(found[1], follow=True)
    new = {"new_password1": "fresh and long", "new_password2": "fresh and long"}
    assert client.post(page.redirect_chain[-1][0], new).url == "/login/"
    assert client.post("/login/", {"username": "cora@example.com", "password": "fresh and long"}).status_code == 302
    assert not client.login(username="cora@example.com", password=PASSWORD)


def test_a_used_link_offers_a_fresh_one(cast, client):
    page = client.get("/password/new/MQ/abc-def/").content.decode()
    assert "no longer works" in page
    assert 'href="/password/"' in page


def test_nobody_is_flooded_with_mails(cast, client, at_once, time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    answers = [client.post("/password/", {"email": email}) for email in ("cora@example.com", " CORA@example.com") * 4]
    assert {answer.url for answer in answers} == {"/password/sent/"}
    assert len(mail.outbox) == 3
    client.post("/password/", {"email": "colm@example.com"})
    assert len(mail.outbox) == 4
    time_machine.shift(3601)
    client.post("/password/", {"email": "cora@example.com"})
    assert len(mail.outbox) == 5


def test_one_machine_does_not_ask_for_everybody(cast, client, at_once):
    for n in range(20):
        client.post("/password/", {"email": f"person{n}@example.com"})
    client.post("/password/", {"email": "cora@example.com"})
    assert mail.outbox == []
    client.post("/password/", {"email": "cora@example.com"}, REMOTE_ADDR="10.1.1.9")
    assert len(mail.outbox) == 1


def test_without_a_broker_the_mail_goes_out_all_the_same(cast, client, monkeypatch):
    def no_broker(*_args, **_options):
        raise ConnectionRefusedError

    monkeypatch.setattr(current_app, "send_task", no_broker)
    assert client.post("/password/", {"email": "cora@example.com"}).status_code == 302
    assert send_mails() == 1
