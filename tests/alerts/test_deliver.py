from __future__ import annotations

import smtplib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone

from alerts.channels import CHANNELS
from alerts.channels.base import Permanent, Sent, Temporary, Uncertain
from alerts.choices import Channel, DeliveryState
from alerts.models import Delivery, MessageStop
from alerts.services import BACKOFF, claim, deliver, free_dead_claims, resend, stop_messages, sweep
from console.errors import Refused
from jobs.choices import EventKind
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job


class Carrier:
    """A channel that does what the test says, and remembers what it was given."""

    def __init__(self, *fates):
        self.fates = list(fates)
        self.messages = []

    def send(self, message):
        self.messages.append(message)
        fate = self.fates.pop(0) if self.fates else Sent()
        if isinstance(fate, BaseException):
            raise fate
        return fate


@pytest.fixture
def carrier(monkeypatch):
    def _carrier(*fates):
        carrier = Carrier(*fates)
        monkeypatch.setitem(CHANNELS, Channel.EMAIL, carrier)
        return carrier

    return _carrier


@pytest.fixture
def delivery(cast):
    make_alert()
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    return delivery


@pytest.fixture
def clock(time_machine):
    """The time, which the test moves."""
    time_machine.move_to(timezone.now())
    return time_machine


def again(delivery):
    return Delivery.objects.get(pk=delivery.pk)


def test_it_goes_out_as_mail_with_a_branded_part_and_a_way_to_stop(delivery):
    deliver([delivery.pk])
    (sent,) = mail.outbox
    assert sent.from_email == "Harbour Bins <no-reply@portico.example>"
    assert (sent.to, sent.subject, sent.reply_to) == (
        ["site@acme.example"], delivery.subject, ["office@harbour.example"],
    )  # fmt: skip
    assert delivery.stop_url in sent.body and delivery.stop_url in sent.extra_headers["List-Unsubscribe"]
    html = sent.alternatives[0][0]
    assert "Harbour Bins" in html and delivery.job.portal_links.get().url in html
    assert again(delivery).state == DeliveryState.SENT and again(delivery).sent_at


def test_it_goes_out_once(delivery, carrier):
    mails = carrier()
    deliver([delivery.pk])
    deliver([delivery.pk])
    sweep()
    assert len(mails.messages) == 1


def test_without_a_mail_server_it_is_a_file_and_the_ledger_says_so(delivery, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    deliver([delivery.pk])
    (file,) = Path(settings.EMAIL_FILE_PATH).iterdir()
    assert "site@acme.example" in file.read_text()
    assert "no mail server" in again(delivery).why


def test_a_temporary_failure_is_tried_again_later_and_given_up_in_the_end(delivery, carrier, clock):
    mails = carrier(*[Temporary("busy")] * 10)
    for wait in BACKOFF:
        deliver([delivery.pk])
        waiting = again(delivery)
        assert waiting.state == DeliveryState.QUEUED and waiting.why == "busy"
        deliver([delivery.pk])
        assert again(delivery).tries == waiting.tries, "not before its time"
        clock.shift(wait + timedelta(seconds=1))
    sweep()
    assert again(delivery).state == DeliveryState.FAILED and "Given up after 6" in again(delivery).why
    assert len(mails.messages) == 6


def test_a_retry_is_recognised_as_the_same_message(delivery, carrier, clock):
    mails = carrier(Temporary("busy"))
    deliver([delivery.pk])
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    assert len({message.key for message in mails.messages}) == 1 and len(mails.messages) == 2


def test_a_permanent_failure_is_final(delivery, carrier):
    mails = carrier(Permanent("no such mailbox"))
    deliver([delivery.pk])
    sweep()
    assert (again(delivery).state, again(delivery).why) == (DeliveryState.FAILED, "no such mailbox")
    assert len(mails.messages) == 1


def test_killed_after_the_claim_it_is_sent_by_the_sweep(delivery, carrier, clock):
    mails = carrier()
    assert claim(delivery.pk)
    deliver([delivery.pk])
    sweep()
    assert not mails.messages, "somebody has it"
    clock.shift(Delivery.SILENCE + timedelta(seconds=1))
    sweep()
    assert len(mails.messages) == 1 and again(delivery).state == DeliveryState.SENT


def test_killed_while_handing_it_over_it_is_never_sent_twice(delivery, carrier, clock):
    mails = carrier(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        deliver([delivery.pk])
    clock.shift(Delivery.SILENCE + timedelta(seconds=1))
    sweep()
    assert again(delivery).state == DeliveryState.SENDING, "a slow mail server may still be taking it"
    clock.shift(Delivery.SILENCE_OF_A_CARRIER)
    sweep()
    assert len(mails.messages) == 1
    assert again(delivery).state == DeliveryState.UNCERTAIN and "by hand" in again(delivery).why


def test_a_line_that_breaks_leaves_it_uncertain(delivery, carrier):
    carrier(Uncertain("the line broke"))
    deliver([delivery.pk])
    assert again(delivery).state == DeliveryState.UNCERTAIN


def test_something_unforeseen_leaves_it_uncertain_and_the_next_goes_its_way(cast, delivery, carrier):
    (second,) = announced(make_job(cast.birch, cast.exchange, by=cast.dana))
    carrier(RuntimeError("bug"))
    deliver([delivery.pk, second.pk])
    assert (again(delivery).state, again(second).state) == (DeliveryState.UNCERTAIN, DeliveryState.SENT)


def test_one_who_was_slow_finds_his_claim_taken_and_lets_go(delivery, carrier, clock, monkeypatch):
    mails = carrier()
    from alerts.services import delivering

    real = delivering.claim

    def slow_claim(pk, **how):
        mine = real(pk, **how)
        monkeypatch.setattr(delivering, "claim", real)
        clock.shift(Delivery.SILENCE + timedelta(seconds=1))
        free_dead_claims()
        deliver([pk])
        return mine

    monkeypatch.setattr(delivering, "claim", slow_claim)
    deliver([delivery.pk])
    assert len(mails.messages) == 1


def test_who_stops_between_writing_and_sending_gets_nothing(delivery, carrier):
    mails = carrier()
    stop_messages(delivery.recipient, job=delivery.job)
    deliver([delivery.pk])
    assert not mails.messages and again(delivery).state == DeliveryState.SKIPPED


def test_quiet_hours_hold_it_back(cast, clock, carrier):
    mails = carrier()
    clock.move_to(timezone.datetime(2026, 3, 3, 22, 30, tzinfo=timezone.get_default_timezone()))
    make_alert(quiet_from="20:00", quiet_until="07:00", staff=[cast.dana])
    email, notice = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    sweep()
    assert not mails.messages and again(email).state == DeliveryState.QUEUED
    assert again(notice).state == DeliveryState.DELIVERED, "a notice in the console wakes nobody"
    clock.move_to(timezone.datetime(2026, 3, 4, 7, 0, 1, tzinfo=timezone.get_default_timezone()))
    sweep()
    assert len(mails.messages) == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"no such user")}), DeliveryState.FAILED),
        (smtplib.SMTPRecipientsRefused({"x": (451, b"try later")}), DeliveryState.QUEUED),
        (smtplib.SMTPDataError(554, b"spam"), DeliveryState.FAILED),
        (smtplib.SMTPServerDisconnected("gone"), DeliveryState.UNCERTAIN),
        (TimeoutError("slow"), DeliveryState.UNCERTAIN),
    ],
)
def test_what_a_mail_server_answers_decides(delivery, monkeypatch, error, state):
    def send_messages(self, messages):
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send_messages)
    deliver([delivery.pk])
    assert again(delivery).state == state


def test_a_mail_server_that_cannot_be_reached_is_tried_again(delivery, monkeypatch):
    def refuse(self):
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)
    deliver([delivery.pk])
    assert again(delivery).state == DeliveryState.QUEUED and "cannot be reached" in again(delivery).why


def test_a_notice_stands_until_it_is_read(cast):
    make_alert(EventKind.CREATED, to_site_contact=False, by_email=False, staff=[cast.dana])
    (notice,) = announced(make_job(cast.acme, cast.exchange, by=cast.olivia))
    deliver([notice.pk])
    assert list(Delivery.objects.notices_for(cast.dana)) == [notice]
    assert not Delivery.objects.notices_for(cast.sam).exists()


def test_sending_again_makes_a_message_of_its_own(cast, delivery, carrier):
    mails = carrier()
    deliver([delivery.pk])
    second = resend(again(delivery), by=cast.dana)
    deliver([second.pk])
    assert len(mails.messages) == 2 and mails.messages[0].body == mails.messages[1].body
    assert (second.resend_of, second.asked_by, again(second).state) == (delivery, cast.dana, DeliveryState.SENT)
    assert again(delivery).state == DeliveryState.SENT


def test_what_is_on_its_way_is_not_sent_again(cast, delivery):
    with pytest.raises(Refused):
        resend(delivery, by=cast.dana)


def test_who_wants_no_more_is_not_written_to_again(cast, delivery, carrier):
    carrier()
    deliver([delivery.pk])
    stop_messages(delivery.recipient, job=None)
    with pytest.raises(Refused):
        resend(again(delivery), by=cast.dana)


def test_a_carrier_that_heard_stop_is_believed(delivery, carrier):
    carrier(Permanent("stopped", stopped=True))
    deliver([delivery.pk])
    assert MessageStop.objects.get().address == delivery.recipient
