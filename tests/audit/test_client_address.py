"""Where a visitor comes from: her own address behind the server in front, and never what she claims herself."""

from __future__ import annotations

import pytest
from axes.helpers import get_client_ip_address
from django.test import RequestFactory

from audit.address import client_address


def asked(peer: str, forwarded: str | None = None) -> str | None:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


@pytest.fixture
def behind(settings):
    settings.BEHIND_PROXY = True
    settings.TRUSTED_PROXIES = ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "10.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("198.51.100.4", "203.0.113.9", "198.51.100.4"),
        ("", None, None),
        ("", "nonsense", None),
        ("127.0.0.1", "fe80::1%eth0", "fe80::1"),
    ],
)
def test_behind_a_server_in_front(behind, peer, forwarded, address):
    assert asked(peer, forwarded) == address


def test_with_nothing_in_front_the_header_is_never_believed(settings):
    settings.BEHIND_PROXY = False
    assert asked("127.0.0.1", "203.0.113.9") == "127.0.0.1"
    assert asked("", "203.0.113.9") is None


def test_another_machine_in_front_is_believed_once_it_is_named(behind, settings):
    assert asked("10.0.0.5", "203.0.113.9") == "10.0.0.5"
    settings.TRUSTED_PROXIES = ["10.0.0.5"]
    assert asked("10.0.0.5", "203.0.113.9") == "203.0.113.9"


def test_guesses_of_passwords_are_counted_by_the_same_address(behind):
    request = RequestFactory().post("/login/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert get_client_ip_address(request) == "203.0.113.9"
