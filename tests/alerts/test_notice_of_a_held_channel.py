"""What the office is told of a channel that is held: which, since when, how many wait, what to do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from alerts.channels.base import Held
from alerts.choices import Channel
from alerts.models import ChannelHold, Delivery
from alerts.services.delivering import hold_channel
from tests.alerts.makers import announced, make_alert
from tests.console.people import narrow
from tests.factories import make_job

LEDGER, HOLDS = "/admin/alerts/delivery/", "/admin/alerts/channelhold/"
PLACES = ("/admin/", LEDGER, HOLDS)
WORDS = "535 5.7.8 <b>portico@harbour.example</b> is wrong"


@pytest.fixture
def hold(cast):
    make_alert()
    for customer in (cast.acme, cast.acme, cast.cedar):
        announced(make_job(customer, cast.exchange, by=cast.olivia))
    hold_channel(Channel.EMAIL, Held("The mail server refuses our user name or password.", WORDS))
    return ChannelHold.objects.get()


def notice(client, place="/admin/"):
    (found,) = client.get(place).context["holds"]
    return found


@pytest.mark.parametrize("place", PLACES)
def test_it_is_said_where_messages_are_seen(cast, hold, sign_in, place):
    html = sign_in(cast.dana).get(place).content.decode()
    assert "E-mail: nothing has gone out since" in html and "3 messages are waiting." in html
    assert "refuses our user name or password" in html and "EMAIL_URL" in html
    assert f"{HOLDS}{hold.pk}/change/" in html


@pytest.mark.parametrize("place", [*PLACES, "page"])
def test_the_servers_words_are_for_administrators_and_escaped(cast, hold, sign_in, place):
    address = f"{HOLDS}{hold.pk}/change/" if place == "page" else place
    html = sign_in(cast.olivia).get(address).content.decode()
    assert "&lt;b&gt;portico@harbour.example&lt;/b&gt;" in html and "<b>portico@" not in html
    assert "portico@harbour.example" not in sign_in(cast.dana).get(address).content.decode()


def test_its_file_holds_no_words_of_the_server(cast, hold, sign_in):
    answer = sign_in(cast.olivia).post(f"{HOLDS}export/", {"format": "csv"})
    assert b"portico@harbour.example" not in b"".join(
        answer.streaming_content if answer.streaming else [answer.content]
    )


def test_those_who_are_narrowed_hear_of_their_own_messages(cast, hold, sign_in):
    narrow(cast.dana, cast.cedar)
    assert "1 message is waiting." in notice(sign_in(cast.dana)).said


def test_nothing_is_said_when_nothing_is_held_or_to_others(cast, hold, sign_in):
    assert sign_in(cast.bill).get("/admin/").context["holds"] == []
    ChannelHold.objects.update(ended_at=timezone.now())
    assert sign_in(cast.olivia).get("/admin/").context["holds"] == []


def test_dana_has_it_tried_now_and_sam_only_reads(cast, hold, sign_in):
    address = reverse("admin:alerts_channelhold_try_now", args=[hold.pk])
    assert sign_in(cast.sam).post(address, {"_form_submitted": "1"}).status_code == 403
    assert sign_in(cast.nell).post(address, {"_form_submitted": "1"}).status_code == 403
    assert sign_in(cast.cora).post(address, {"_form_submitted": "1"}).status_code == 302
    dana = sign_in(cast.dana)
    dana.get(address)
    before = ChannelHold.objects.get()
    assert before.asked_by is None, "nothing is written on GET"
    dana.post(address, {"_form_submitted": "1"})
    after = ChannelHold.objects.get()
    assert after.asked_by == cast.dana and after.next_try_at < before.next_try_at


def test_the_page_of_one_that_is_over_offers_nothing(cast, hold, sign_in):
    ChannelHold.objects.update(ended_at=timezone.now())
    html = sign_in(cast.olivia).get(f"{HOLDS}{hold.pk}/change/").content.decode()
    assert reverse("admin:alerts_channelhold_try_now", args=[hold.pk]) not in html and "Still held" not in html


def test_nobody_writes_in_it(cast, hold, sign_in):
    olivia = sign_in(cast.olivia)
    assert olivia.get(f"{HOLDS}add/").status_code == 403
    assert olivia.post(f"{HOLDS}{hold.pk}/change/", {"why": "forged"}).status_code == 403
    assert olivia.post(f"{HOLDS}{hold.pk}/delete/", {"post": "yes"}).status_code == 403
    assert sign_in(cast.nell).get(HOLDS).status_code == 403


def test_before_anything_was_held_the_page_says_what_it_is_for(cast, sign_in):
    assert "No channel has been held yet" in sign_in(cast.olivia).get(HOLDS).content.decode()


def test_it_costs_the_same_for_2_messages_and_for_20(cast, hold, sign_in):
    client = sign_in(cast.dana)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get("/admin/")
        return len(caught)

    queries()
    few = queries()
    for _n in range(17):
        announced(make_job(cast.acme, cast.exchange, by=cast.olivia))
    assert "20 messages are waiting." in notice(client).said and Delivery.objects.count() == 20
    assert queries() == few
