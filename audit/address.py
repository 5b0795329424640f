"""Whose connection a request is: the visitor's own network address, also behind a web server in front."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The network address (IPv4 or IPv6, as text) of whoever asks, or None when it cannot be known.

    The header X-Forwarded-For counts only with ``BEHIND_PROXY``, and only when the connection itself comes from one of
    ``TRUSTED_PROXIES`` or through a socket, which has no address. Of the header the rightmost address counts: it was
    written by the server in front, what stands left of it by anybody.
    """
    peer = request.META.get("REMOTE_ADDR", "").strip()
    direct = _address(peer)
    from_proxy = not peer or str(direct) in settings.TRUSTED_PROXIES
    if settings.BEHIND_PROXY and from_proxy:
        direct = _address(request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()) or direct
    return str(direct) if direct else None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
