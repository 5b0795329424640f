from __future__ import annotations

from types import SimpleNamespace

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from alerts.channels.sms import SmsChannel
from alerts.choices import DeliveryState
from alerts.models import Delivery, MessageStop
from alerts.segments import length_of
from alerts.services import deliver
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job

MOBILE = "0171 5550123"


@pytest.fixture
def sms_on(portal):
    portal.sms_enabled = True
    portal.save()


@pytest.fixture
def twilio(settings, monkeypatch):
    """Credentials are set, and Twilio answers what the test says."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC0", "secret"
    settings.TWILIO_FROM_NUMBER = "+4915550000"
    sent = []

    def answer(result):
        def create(**message):
            sent.append(message)
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(
            SmsChannel, "_client", lambda self: SimpleNamespace(messages=SimpleNamespace(create=create))
        )
        return sent

    return answer


def text(cast, number=MOBILE):
    make_alert(by_email=False, by_sms=True)
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Rosa", contact_phone=number)
    (delivery,) = announced(job)
    deliver([delivery.pk])
    return Delivery.objects.get(pk=delivery.pk)


def test_without_credentials_it_is_marked_as_not_sent_by_a_carrier(cast, sms_on):
    delivery = text(cast)
    assert delivery.state == DeliveryState.NOT_CARRIED
    assert delivery.why == "Not sent by a carrier: no Twilio credentials are set."
    assert delivery.recipient == "+491715550123"
    assert "{portal_link}" in delivery.body


def test_switched_off_in_the_settings_it_is_skipped(cast):
    delivery = text(cast)
    assert delivery.state == DeliveryState.SKIPPED and "switched off" in delivery.why


@pytest.mark.parametrize(("number", "words"), [("12", "not a telephone number"), ("040 5550100", "landline")])
def test_a_number_that_takes_no_texts_is_skipped_with_the_reason(cast, sms_on, number, words):
    delivery = text(cast, number)
    assert delivery.state == DeliveryState.SKIPPED and words in delivery.why


def test_with_credentials_it_goes_through_twilio(cast, sms_on, twilio):
    sent = twilio(SimpleNamespace(sid="SM1"))
    delivery = text(cast)
    assert (delivery.state, delivery.reference) == (DeliveryState.SENT, "SM1")
    assert sent[0]["to"] == "+491715550123" and sent[0]["from_"] == "+4915550000"
    assert delivery.stop_url in sent[0]["body"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TwilioRestException(400, "/", "no such number", code=21211), DeliveryState.FAILED),
        (TwilioRestException(429, "/", "slow down", code=20429), DeliveryState.QUEUED),
        (TwilioRestException(401, "/", "Authenticate", code=20003), DeliveryState.QUEUED),
        (TwilioRestException(403, "/", "Account not active", code=20005), DeliveryState.QUEUED),
        (TwilioRestException(500, "/", "oops", code=20500), DeliveryState.UNCERTAIN),
        (requests.ConnectTimeout(), DeliveryState.QUEUED),
        (requests.ReadTimeout(), DeliveryState.UNCERTAIN),
        (requests.ConnectionError("reset by peer"), DeliveryState.UNCERTAIN),
    ],
)
def test_what_twilio_answers_decides(cast, sms_on, twilio, error, state):
    twilio(error)
    assert text(cast).state == state


def test_a_number_that_answered_stop_gets_nothing_any_more(cast, sms_on, twilio):
    twilio(TwilioRestException(400, "/", "unsubscribed", code=21610))
    assert text(cast).state == DeliveryState.FAILED
    assert MessageStop.objects.get().address == "+491715550123"


def test_no_secret_is_written_down(cast, sms_on, twilio, caplog):
    twilio(TwilioRestException(401, "/", "authenticate", code=20003))
    delivery = text(cast)
    assert "secret" not in delivery.why + caplog.text


@pytest.mark.parametrize(
    ("message", "segments", "plain"),
    [
        ("", 0, True),
        ("a" * 160, 1, True),
        ("a" * 161, 2, True),
        ("a" * 306, 2, True),
        ("a" * 307, 3, True),
        ("€" * 80, 1, True),
        ("€" * 81, 2, True),
        ("ü" * 160, 1, True),
        ("ł" * 70, 1, False),
        ("ł" * 71, 2, False),
        ("ł" * 135, 3, False),
        ("🚚" * 35, 1, False),
        ("🚚" * 36, 2, False),
    ],
)
def test_its_length_is_counted_as_carriers_do(message, segments, plain):
    length = length_of(message)
    assert (length.segments, length.is_plain) == (segments, plain)


def test_what_makes_it_dear_is_named():
    assert length_of("Grüße aus Łódź 🚚").costly == "Łóź🚚"


def test_the_ledger_counts_the_way_to_stop_too(cast, sms_on):
    make_alert(by_email=False, by_sms=True, sms_text="x" * 150)
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="R", contact_phone=MOBILE))
    assert delivery.segments == 2
