"""A connection cut before the text was handed over is no doubt: the mail did not go out, and goes again."""

from __future__ import annotations

import pytest

from alerts.channels.base import Message, Sent, Temporary, Uncertain
from alerts.channels.email import EmailChannel
from alerts.channels.smtp import Backend
from tests.alerts.mail_server import PLACES, mail_server

MESSAGE = Message(key="k", to="cora@example.com", to_name="Cora", subject="Your job", body="It is planned.")


@pytest.fixture(autouse=True)
def by_smtp(settings, portal):
    settings.EMAIL_BACKEND = "alerts.channels.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", False, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""


def test_the_table_of_places_is_whole():
    assert set(FATES) == {"", *PLACES}


FATES = {
    "": Sent,
    "EHLO": Temporary,
    "MAIL": Temporary,
    "RCPT": Temporary,
    "DATA": Temporary,
    # From the go-ahead on nobody knows how much of it was taken.
    "text": Uncertain,
    "dot": Uncertain,
}


@pytest.mark.parametrize("place", FATES)
def test_what_becomes_of_a_mail_by_where_the_line_broke(settings, place):
    with mail_server(place) as server:
        settings.EMAIL_PORT = server.port
        fate = EmailChannel().send(MESSAGE)
    assert isinstance(fate, FATES[place]), fate
    assert len(server.taken) == (not place)


def test_an_installation_sends_by_it():
    from config import env

    assert env.mail("NO_SUCH_VARIABLE", "smtp://mail.example")["EMAIL_BACKEND"] == f"{Backend.__module__}.Backend"


def test_by_tls_it_is_the_same():
    backend = Backend(host="mail.example", use_ssl=True)
    assert {one.__module__ for one in backend.connection_class.__mro__[:2]} == {Backend.__module__}
    assert not backend.text_begun
