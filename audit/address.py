"""Whose connection a request is: the visitor's own network address, also behind a web server in front."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# A household or a rented server has a /64 of IPv6 to itself: 18 trillion million addresses, one visitor.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str | None:
    """The network address (IPv4 or IPv6, as text) of whoever asks, or None when it cannot be known.

    The header X-Forwarded-For counts only with ``BEHIND_PROXY``, and only when the connection itself comes from one of
    ``TRUSTED_PROXIES`` or through a socket, which has no address. Of the header the rightmost address counts: it was
    written by the server in front, what stands left of it by anybody.
    """
    direct = _address(_peer(request))
    if _is_from_trusted_proxy(request):
        direct = _address(request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()) or direct
    return str(direct) if direct else None


def client_network(request: HttpRequest) -> str | None:
    """Return the address that limits count a visitor by: an IPv4 address as it is, of IPv6 the first of its /64.

    None when the address cannot be known.
    """
    address = client_address(request)
    return network_of(address) if address else None


def network_of(address: str) -> str:
    """Return the first address of the /64 that an IPv6 address lies in; an IPv4 address as it is."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return str(found)
    return str(ip_network((found, IPV6_PREFIX), strict=False).network_address)


class ForwardedProtoMiddleware:
    """Remove X-Forwarded-Proto from requests that no trusted proxy sent, by the same rule as X-Forwarded-For.

    Stands first: ``SECURE_PROXY_SSL_HEADER`` believes the header wherever it comes from.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_from_trusted_proxy(request):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)


def _peer(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", "")).strip()


def _is_from_trusted_proxy(request: HttpRequest) -> bool:
    """Does the connection come from the web server in front? A socket has no address and counts as that."""
    peer = _peer(request)
    return bool(settings.BEHIND_PROXY) and (not peer or str(_address(peer)) in settings.TRUSTED_PROXIES)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
