from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client

from alerts.models import MessageStop
from alerts.services.delivering import deliver
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job


@pytest.fixture
def delivery(cast):
    make_alert()
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    return delivery


def path(delivery):
    return f"/stop/{delivery.token}/"


def test_opening_the_link_changes_nothing(client, delivery):
    response = client.get(path(delivery))
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.status_code == 200 and delivery.about in response.content.decode()
    assert not MessageStop.objects.exists()


def test_she_stops_the_messages_about_one_job(client, delivery):
    response = client.post(path(delivery), {"scope": "job"})
    stop = MessageStop.objects.get()
    assert (stop.address, stop.job) == ("site@acme.example", delivery.job)
    assert "no more messages about" in response.content.decode()


def test_she_stops_them_all(client, delivery):
    client.post(path(delivery), {"scope": "all"})
    assert MessageStop.objects.get().job is None


def test_asking_twice_changes_nothing(client, delivery):
    for scope in ("all", "all", "job", "job"):
        client.post(path(delivery), {"scope": scope})
    assert MessageStop.objects.count() == 2


def test_a_mail_programs_own_button_works(client, delivery):
    client.post(path(delivery), {"List-Unsubscribe": "One-Click"})
    assert MessageStop.objects.get().job is None


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_a_mail_provider_stops_them_with_one_click(delivery, settings, kind):
    """RFC 8058: no cookie, no token of a form, and no other answer than that it is done."""
    settings.SITE_URL = "https://portal.harbour.example"
    deliver([delivery.pk])
    (sent,) = mail.outbox
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = urlsplit(sent.extra_headers["List-Unsubscribe"].strip("<>"))
    assert address.scheme == "https"
    body = "List-Unsubscribe=One-Click"
    if kind.startswith("multipart"):
        body = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    provider = Client(enforce_csrf_checks=True)
    answer = provider.post(address.path, body, content_type=kind)
    assert answer.status_code == 200 and MessageStop.objects.get().job is None
    assert provider.post(address.path, body, content_type=kind).status_code == 200


def test_without_https_no_provider_is_told_to_post(delivery, settings):
    settings.SITE_URL = "http://localhost:8000"
    deliver([delivery.pk])
    (sent,) = mail.outbox
    assert "List-Unsubscribe" in sent.extra_headers and "List-Unsubscribe-Post" not in sent.extra_headers


def test_nonsense_stops_nothing(client, delivery):
    client.post(path(delivery), {"scope": "everybody"})
    assert not MessageStop.objects.exists()


def test_a_link_that_never_was_says_so_kindly(client, portal):
    response = client.get("/stop/abc/")
    assert response.status_code == 404 and portal.business_phone in response.content.decode()
    assert client.post("/stop/abc/", {"scope": "all"}).status_code == 404


def test_the_link_names_no_key_and_no_address(delivery):
    assert "acme" not in delivery.stop_url and len(delivery.token) == 24


def test_history_says_who_stopped_it(client, delivery):
    client.post(path(delivery), {"scope": "all"})
    assert MessageStop.objects.get().history.get().actor == "site@acme.example"


def test_when_the_job_is_gone_she_can_still_stop_everything(client, delivery):
    delivery.job.delete()
    assert "scope" in client.get(path(delivery)).content.decode()
    client.post(path(delivery), {"scope": "job"})
    assert not MessageStop.objects.exists()
    client.post(path(delivery), {"scope": "all"})
    assert MessageStop.objects.exists()
