"""Where a visitor comes from: her own address behind the server in front, and never what she claims herself."""

from __future__ import annotations

import pytest
from axes.helpers import get_client_ip_address
from django.http import HttpResponse
from django.test import RequestFactory

from audit.address import ForwardedProtoMiddleware, client_address, client_network


def address_of(peer: str, forwarded: str | None = None) -> str | None:
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
    assert address_of(peer, forwarded) == address


def test_with_nothing_in_front_the_header_is_never_believed(settings):
    settings.BEHIND_PROXY = False
    assert address_of("127.0.0.1", "203.0.113.9") == "127.0.0.1"
    assert address_of("", "203.0.113.9") is None


def test_another_machine_in_front_is_believed_once_it_is_named(behind, settings):
    assert address_of("10.0.0.5", "203.0.113.9") == "10.0.0.5"
    settings.TRUSTED_PROXIES = ["10.0.0.5"]
    assert address_of("10.0.0.5", "203.0.113.9") == "203.0.113.9"


def test_guesses_of_passwords_are_counted_by_the_same_address(behind):
    request = RequestFactory().post("/login/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert get_client_ip_address(request) == "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::7", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
        ("2001:db8:1:3::7", "2001:db8:1:3::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", None),
    ],
)
def test_a_household_with_ipv6_counts_as_one_visitor(address, network):
    assert client_network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


def is_secure_after(peer: str, settings) -> bool:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")
    ForwardedProtoMiddleware(lambda request: HttpResponse())(request)
    return request.is_secure()


@pytest.mark.parametrize(
    ("peer", "believed"), [("127.0.0.1", True), ("", True), ("198.51.100.4", False), ("2001:db8::7", False)]
)
def test_only_a_trusted_proxy_says_that_a_request_came_encrypted(behind, settings, peer, believed):
    assert is_secure_after(peer, settings) is believed


def test_with_nothing_in_front_nobody_says_so(settings):
    settings.BEHIND_PROXY = False
    assert not is_secure_after("127.0.0.1", settings)


def test_the_header_is_looked_at_before_anything_believes_it(settings):
    assert settings.MIDDLEWARE[0] == "audit.address.ForwardedProtoMiddleware"
