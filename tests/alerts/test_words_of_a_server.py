"""What a mail server or a carrier says, word for word: no secret of ours is kept, and nothing odd loses a message."""

from __future__ import annotations

import base64
import time

import pytest
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from alerts.channels.base import Held, Message, Permanent, Sent, Temporary, Uncertain, said_by_carrier
from alerts.channels.email import EmailChannel
from alerts.channels.sms import SmsChannel
from tests.alerts.mail_server import mail_server

MESSAGE = Message(key="k", to="cora@example.com", to_name="Cora", subject="Your job", body="It is planned.")
PASSWORD = "s3cret-pass word"
# As smtplib sends it: AUTH PLAIN, AUTH LOGIN.
SENT_AS = [base64.b64encode(text.encode()).decode() for text in (f"\0portico\0{PASSWORD}", PASSWORD)]


@pytest.fixture
def server(settings, portal):
    """A mail server that takes our password."""
    with mail_server(password=PASSWORD) as server:
        settings.EMAIL_BACKEND = "alerts.channels.smtp.Backend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portico", PASSWORD
        yield server


@pytest.mark.parametrize("at", ["AUTH", "MAIL", "RCPT", "DATA", "dot"])
@pytest.mark.parametrize("code", [421, 454, 500, 535, 550])
@pytest.mark.parametrize("echo", [PASSWORD, *SENT_AS])
def test_a_server_that_says_our_password_aloud_is_not_quoted(server, at, code, echo):
    server.refuses[at] = f"{code} 5.7.8 I do not know {echo}\a"
    fate = EmailChannel().send(MESSAGE)
    kept = f"{fate.why} {getattr(fate, 'words', '')}"
    assert echo not in kept and "\a" not in kept
    assert "I do not know …" in kept and str(code) in kept


ENCODED = base64.b64encode(f"\0portico\0{PASSWORD}".encode()).decode()
# How else a server may say it: broken into lines or by signs that nobody sees, in capitals, as in an address.
DISGUISED = [
    "s3cret-pass\nword",
    "s3cret-pass  word",
    "s3cr\0et-pass\r\n word",
    "S3CRET-PASS WORD",
    "s3cret-pass%20word",
    "s3cret-pass+word",
    f"{ENCODED[:20]}\r\n{ENCODED[20:]}",
    ENCODED.rstrip("="),
    ENCODED.lower(),
]


@pytest.mark.parametrize("said", DISGUISED)
def test_in_whatever_form_it_is_said(said):
    kept = said_by_carrier(f"I do not know {said}, sorry", f"\0portico\0{PASSWORD}", PASSWORD)
    assert kept == "I do not know …, sorry"


def test_in_the_alphabet_of_addresses():
    secret = "??>>??>>~~~~"
    assert said_by_carrier(f"no {base64.urlsafe_b64encode(secret.encode()).decode()}", secret) == "no …"


def test_a_secret_that_nothing_encodes_breaks_nothing():
    assert said_by_carrier("try again", "s3cret\udcff-pass word") == "try again"


def test_what_overlaps_is_hidden_whole():
    assert said_by_carrier("x aaaaaaaaaaaa y", "aaaaaaaa") == "x … y"


@pytest.mark.parametrize("secret", ["e", "no", "user"])
def test_a_short_secret_is_not_told_by_what_is_missing(secret):
    """Where “us_r” stands, anybody reads which sign was left out."""
    assert said_by_carrier("no such user", secret) == "…"
    assert said_by_carrier("try again", "x") == "try again"


def test_the_name_and_the_token_as_a_carrier_is_told_them(settings, portal, monkeypatch):
    sent = base64.b64encode(f"AC1:{PASSWORD}".encode()).decode()
    refuse(settings, monkeypatch, TwilioRestException, 400, 21211, f"No account has {sent}")
    assert SmsChannel().send(MESSAGE).why.endswith("No account has …")


@pytest.mark.parametrize("said", ["a" * 1_000_000, "a\n" * 500_000, " " * 1_000_000, "ab" * 500_000])
def test_a_long_answer_takes_no_long_time(said):
    begun = time.monotonic()
    said_by_carrier(said, "a" * 40 + "b", "a" * 40)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("error", [TwilioRestException, TwilioServiceException])
@pytest.mark.parametrize(("status", "code"), [(401, 20003), (400, 21211), (429, 20429), (500, 20500)])
def test_a_carrier_that_says_our_token_aloud_is_not_quoted(settings, portal, monkeypatch, error, status, code):
    said = f"No account has {PASSWORD}\0\a"
    refuse(settings, monkeypatch, error, status, code, said)
    fate = SmsChannel().send(MESSAGE)
    kept = f"{fate.why} {getattr(fate, 'words', '')}"
    assert "No account has …" in kept and PASSWORD not in kept and "\0" not in kept and "\a" not in kept


@pytest.mark.parametrize(
    ("status", "code", "fate"),
    [
        (401, 20003, Held),
        (400, 20005, Held),
        (400, 21610, Permanent),
        (400, 21211, Permanent),
        (429, 20429, Temporary),
        (503, 20503, Temporary),
        (500, 20500, Uncertain),
    ],
)
@pytest.mark.parametrize("error", [TwilioRestException, TwilioServiceException])
def test_a_carrier_is_understood_in_both_forms_of_its_errors(settings, portal, monkeypatch, error, status, code, fate):
    refuse(settings, monkeypatch, error, status, code, "no")
    assert type(SmsChannel().send(MESSAGE)) is fate


def refuse(settings, monkeypatch, error, status, code, said):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", PASSWORD

    def client(self):
        if error is TwilioServiceException:
            raise TwilioServiceException("https://t.example", "Refused", status, code, said)
        raise TwilioRestException(status, "/Messages", said, code)

    monkeypatch.setattr(SmsChannel, "_client", client)


@pytest.mark.parametrize("password", ["pässwörd", "日本"])
def test_a_password_that_cannot_be_sent_holds_the_channel(server, settings, password):
    settings.EMAIL_HOST_PASSWORD = password
    fate = EmailChannel().send(MESSAGE)
    assert isinstance(fate, Held) and "character" in fate.why
    assert not set("äö日") & set(fate.why + fate.words) and not server.taken


def test_a_name_of_a_server_that_is_none_is_no_wrong_password(server, settings):
    settings.EMAIL_HOST = "mail..example"
    assert isinstance(EmailChannel().send(MESSAGE), Temporary)


LONG = "250 " + "x" * 1_000_000
ODD = [LONG, "hello", "", "200 fine", "354 again", "999 what", "55"]


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: answer[:8])
@pytest.mark.parametrize("at", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "dot"])
def test_an_answer_that_is_none_loses_no_message(server, at, answer):
    """Before the text it did not go out, and is tried again; after it nobody knows."""
    server.refuses[at] = answer
    fate = EmailChannel().send(MESSAGE)
    if at == "DATA" and answer.startswith("354"):
        assert isinstance(fate, Sent), "just what was to be said"
    elif at == "dot" or (at in ("MAIL", "RCPT") and answer.startswith("354")):
        assert isinstance(fate, Uncertain)
    else:
        assert isinstance(fate, Temporary | Held)
    assert len(getattr(fate, "why", "")) < 400


@pytest.mark.parametrize(("answer", "fate"), [("452 full", Temporary), ("554 spam", Permanent), ("250 ok", Sent)])
def test_a_plain_answer_to_the_text_counts(server, answer, fate):
    server.refuses["dot"] = answer
    assert isinstance(EmailChannel().send(MESSAGE), fate)
