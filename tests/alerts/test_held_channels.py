"""A carrier that refuses our password holds its channel: nothing fails, and all goes out once it lets us in."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from twilio.base.exceptions import TwilioRestException

from alerts.channels.base import Held, Message, Sent, Temporary, Uncertain
from alerts.channels.email import EmailChannel
from alerts.channels.sms import SmsChannel
from alerts.choices import Channel, DeliveryState
from alerts.models import ChannelHold, Delivery
from alerts.services import deliver, send_code, sweep, try_channel
from alerts.services.holding import ASKED_PAUSE, PAUSES
from console.errors import Refused
from jobs.choices import EventKind
from jobs.services import schedule_job
from tests.alerts.mail_server import mail_server
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job
from tests.jobs.test_concurrency import all_at_once

MESSAGE = Message(key="k", to="cora@example.com", to_name="Cora", subject="Your job", body="It is planned.")
PASSWORD = "open sesame"
# SQLite lets one writer in at a time: the others wait for it, and give up after a while.
CROWD = 8 if connection.vendor == "postgresql" else 3


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now())
    return time_machine


@pytest.fixture
def server(settings, portal):
    """A mail server that does not take our password, which is an old one."""
    with mail_server(password=PASSWORD) as server:
        settings.EMAIL_BACKEND = "alerts.channels.smtp.Backend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portico", "old"
        yield server


def waiting(cast, count=3):
    make_alert()
    return [announced(make_job(cast.acme, cast.exchange, by=cast.dana))[0] for _n in range(count)]


def states():
    return list(Delivery.objects.order_by("pk").values_list("state", "tries"))


def test_wrong_password_holds_all_mails_and_is_tried_once(cast, server, clock):
    rows = waiting(cast)
    deliver([row.pk for row in rows])
    sweep()
    assert states() == [(DeliveryState.QUEUED, 0)] * 3
    assert server.connections == 1
    hold = ChannelHold.objects.get()
    assert (hold.channel, hold.why) == (Channel.EMAIL, "The mail server refuses our user name or password.")
    assert hold.words == "535 5.7.8 no such user: portico"


def test_corrected_they_all_go_out_each_once(cast, server, clock, settings):
    deliver([row.pk for row in waiting(cast)])
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    clock.shift(PAUSES[0] + timedelta(seconds=1))
    sweep()
    sweep()
    assert states() == [(DeliveryState.SENT, 1)] * 3 and len(server.taken) == 3
    assert not ChannelHold.objects.open().exists() and ChannelHold.objects.get().ended_at


def test_the_pauses_grow_and_one_message_is_tried_at_each(cast, server, clock):
    deliver([row.pk for row in waiting(cast)])
    for pause in (*PAUSES, PAUSES[-1]):
        clock.shift(pause - timedelta(seconds=1))
        before = server.connections
        sweep()
        assert server.connections == before
        clock.shift(timedelta(seconds=2))
        sweep()
        sweep()
        assert server.connections == before + 1
    assert states() == [(DeliveryState.QUEUED, 0)] * 3


def test_the_office_has_it_tried_at_once(cast, server, clock, settings):
    deliver([row.pk for row in waiting(cast)])
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    try_channel(ChannelHold.objects.get(), by=cast.dana)
    sweep()
    assert len(server.taken) == 3
    assert ChannelHold.objects.get().asked_by == cast.dana


def test_who_keeps_asking_is_told_to_wait_so_that_no_account_is_locked(cast, server, clock):
    deliver([row.pk for row in waiting(cast)])
    hold = ChannelHold.objects.get()
    try_channel(hold, by=cast.dana)
    sweep()
    assert server.connections == 2
    for _click in range(5):
        with pytest.raises(Refused, match="half a minute"):
            try_channel(hold, by=cast.olivia)
        sweep()
    assert server.connections == 2
    clock.shift(ASKED_PAUSE + timedelta(seconds=1))
    try_channel(hold, by=cast.olivia)
    sweep()
    assert server.connections == 3


def test_a_clock_that_was_set_back_makes_nobody_wait(cast, server, clock, settings):
    deliver([row.pk for row in waiting(cast)])
    hold = ChannelHold.objects.get()
    try_channel(hold, by=cast.dana)
    sweep()
    clock.shift(-timedelta(hours=3))
    # They are all due later, by that clock.
    Delivery.objects.update(next_attempt_at=timezone.now())
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    try_channel(hold, by=cast.olivia)
    sweep()
    assert len(server.taken) == 3


def test_what_cannot_be_tried_is_refused_with_the_reason(cast, server, clock):
    deliver([row.pk for row in waiting(cast)])
    hold = ChannelHold.objects.get()
    ChannelHold.take(ChannelHold.objects.open(), hold.pk)
    with pytest.raises(Refused, match="being tried"):
        try_channel(hold, by=cast.dana)
    ChannelHold.objects.update(claim=None, heartbeat_at=None)
    Delivery.objects.update(state=DeliveryState.SENT)
    with pytest.raises(Refused, match="No message is waiting"):
        try_channel(hold, by=cast.dana)
    ChannelHold.objects.update(ended_at=timezone.now())
    with pytest.raises(Refused, match="go out again"):
        try_channel(hold, by=cast.dana)


def test_one_who_tries_it_keeps_the_others_off(cast, server, clock):
    deliver([row.pk for row in waiting(cast)])
    clock.shift(PAUSES[0] + timedelta(seconds=1))
    ChannelHold.take(ChannelHold.objects.to_try(timezone.now()), ChannelHold.objects.get().pk)
    sweep()
    assert server.connections == 1
    clock.shift(ChannelHold.SILENCE + timedelta(seconds=1))
    sweep()
    assert server.connections == 2, "whoever tried it died"


def test_a_mail_server_that_is_away_meanwhile_opens_nothing(cast, server, clock, settings):
    deliver([row.pk for row in waiting(cast)])
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    server.hangs_up_at = "EHLO"
    clock.shift(PAUSES[0] + timedelta(seconds=1))
    sweep()
    assert ChannelHold.objects.open().exists()
    assert sorted(states()) == [(DeliveryState.QUEUED, 0)] * 2 + [(DeliveryState.QUEUED, 1)]
    server.hangs_up_at = ""
    clock.shift(PAUSES[1])
    sweep()
    assert not ChannelHold.objects.open().exists() and len(server.taken) == 3


def test_a_mailbox_that_is_full_shows_that_we_are_let_in(cast, server, clock, settings):
    deliver([row.pk for row in waiting(cast, 1)])
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    server.refuses["RCPT"] = "452 4.2.2 mailbox full"
    clock.shift(PAUSES[0] + timedelta(seconds=1))
    sweep()
    assert not ChannelHold.objects.open().exists()


def test_a_reminder_that_waited_past_its_start_is_not_sent(cast, server, clock, settings):
    make_alert(EventKind.REMINDED, hours_before=1)
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(hours=3))
    clock.shift(timedelta(hours=2, minutes=30))
    sweep()
    assert states() == [(DeliveryState.QUEUED, 0)]
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    clock.shift(timedelta(hours=1))
    sweep()
    assert Delivery.objects.get().why == "Its start has passed." and not server.taken
    hold = ChannelHold.objects.get()
    assert hold.is_open and hold.tries == 1, "nothing was tried"


def test_other_channels_go_on(cast, server, clock, settings, portal):
    portal.sms_enabled = True
    portal.save()
    deliver([row.pk for row in waiting(cast, 1)])
    make_alert(by_email=False, by_sms=True)
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Rosa", contact_phone="0171 5550123")
    announced(job)
    sweep()
    assert Delivery.objects.get(channel=Channel.SMS).state == DeliveryState.NOT_CARRIED
    assert ChannelHold.objects.get().is_open


def test_a_code_is_not_kept_for_later_and_the_server_is_not_asked_again(cast, server, clock):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    for _time in range(2):
        assert not send_code(job, "123456", channel=Channel.EMAIL, to="g@acme.example", minutes=10, language="en")
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.FAILED}
    assert server.connections == 1 and ChannelHold.objects.get().is_open


# --- what counts as a refusal of ours


@pytest.mark.parametrize(
    ("command", "answer", "fate"),
    [
        ("MAIL", "530 5.7.0 Authentication required", Held),
        ("RCPT", "530 5.7.0 Must issue a STARTTLS command first", Held),
        ("AUTH", "534 5.7.9 mechanism too weak", Held),
        ("AUTH", "535 5.7.8 wrong", Held),
        ("AUTH", "538 5.7.11 Encryption required", Held),
        ("AUTH", "454 4.7.0 Temporary authentication failure", Temporary),
        ("MAIL", "451 4.3.0 busy", Temporary),
        ("DATA", "451 4.3.0 busy", Temporary),
    ],
)
def test_what_a_mail_server_says_of_us(server, settings, command, answer, fate):
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    server.refuses[command] = answer
    assert isinstance(EmailChannel().send(MESSAGE), fate)


def test_a_mail_server_that_offers_no_way_to_sign_in_refuses_us(server):
    server.password = ""
    assert isinstance(EmailChannel().send(MESSAGE), Held)


def test_our_password_is_not_kept_with_its_words(server, settings):
    settings.EMAIL_HOST_PASSWORD = "hunter2"
    server.refuses["AUTH"] = "535 5.7.8 hunter2\t\0is wrong"
    fate = EmailChannel().send(MESSAGE)
    assert isinstance(fate, Held) and fate.words == "535 5.7.8 … is wrong"


@pytest.fixture
def twilio(settings, monkeypatch):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC0", "secret"
    settings.TWILIO_FROM_NUMBER = "+4915550000"
    answers = []

    def create(**_message):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(SmsChannel, "_client", lambda self: SimpleNamespace(messages=SimpleNamespace(create=create)))
    return answers


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (401, None), (403, 20005), (403, 10001), (400, 90010)])
def test_what_twilio_says_of_us(twilio, db, status, code):
    twilio.append(TwilioRestException(status, "/", "secret is wrong", code=code))
    fate = SmsChannel().send(MESSAGE)
    assert isinstance(fate, Held) and fate.words == f"{code or status} … is wrong"


def test_texts_wait_for_twilio_and_go_out_once_it_lets_us_in(cast, portal, twilio, clock):
    portal.sms_enabled = True
    portal.save()
    make_alert(by_email=False, by_sms=True)
    for _n in range(2):
        job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Rosa", contact_phone="0171 5550123")
        announced(job)
    twilio += [TwilioRestException(401, "/", "Authenticate", code=20003)]
    sweep()
    assert states() == [(DeliveryState.QUEUED, 0)] * 2 and ChannelHold.objects.get().channel == Channel.SMS
    twilio += [SimpleNamespace(sid="SM1"), SimpleNamespace(sid="SM2")]
    clock.shift(PAUSES[0] + timedelta(seconds=1))
    sweep()
    assert states() == [(DeliveryState.SENT, 1)] * 2


# --- slow to accept


def test_a_mail_server_has_longer_to_accept_a_mail_than_to_answer(server, settings):
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_TIMEOUT, settings.EMAIL_SECONDS_TO_ACCEPT = PASSWORD, 0.5, 30
    server.seconds_at_the_dot = 1
    assert isinstance(EmailChannel().send(MESSAGE), Sent) and len(server.taken) == 1


def test_beyond_that_nobody_knows(server, settings):
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_SECONDS_TO_ACCEPT = PASSWORD, 0.2
    server.seconds_at_the_dot = 30
    fate = EmailChannel().send(MESSAGE)
    assert isinstance(fate, Uncertain) and fate.let_in


def test_whoever_waits_in_front_of_a_page_is_not_kept_for_minutes(server, settings):
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_TIMEOUT, settings.EMAIL_SECONDS_TO_ACCEPT = PASSWORD, 0.2, 30
    server.seconds_at_the_dot = 20
    urgent = Message(**{**vars(MESSAGE), "urgent": True})
    assert isinstance(EmailChannel().send(urgent), Uncertain)


def test_a_message_that_a_server_is_slow_to_take_is_nobodys_dead_claim(settings):
    longest = timedelta(seconds=settings.EMAIL_SECONDS_TO_ACCEPT + 10 * settings.EMAIL_TIMEOUT)
    assert longest < Delivery.SILENCE + Delivery.SILENCE_OF_A_CARRIER
    assert longest < ChannelHold.SILENCE


@pytest.mark.django_db(transaction=True)
def test_many_sweeps_at_once_try_it_with_one_message(cast, server, clock):
    deliver([row.pk for row in waiting(cast)])
    clock.shift(PAUSES[0] + timedelta(seconds=1))
    results = all_at_once(lambda _n: sweep(), crowd=CROWD)
    assert results == [None] * CROWD
    assert server.connections == 2 and states() == [(DeliveryState.QUEUED, 0)] * 3


@pytest.mark.django_db(transaction=True)
def test_many_who_are_refused_at_once_hold_it_once(cast, server, clock):
    rows = waiting(cast, CROWD)
    results = all_at_once(lambda n: deliver([rows[n].pk]), crowd=CROWD)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert ChannelHold.objects.count() == 1 and states() == [(DeliveryState.QUEUED, 0)] * CROWD


def test_a_message_for_a_channel_that_there_is_none_of_stops_no_other(cast, server, clock, caplog, settings):
    """It was written by a newer version, or its channel was taken out."""
    stray, *rows = waiting(cast)
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    Delivery.objects.filter(pk=stray.pk).update(channel="pigeon")
    sweep()
    assert states() == [(DeliveryState.QUEUED, 0)] + [(DeliveryState.SENT, 1)] * len(rows)
    assert "pigeon" in caplog.text
