"""Where messages to people are kept between two pages, under a cookie name that only this host may set."""

from __future__ import annotations

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """Django's, in a cookie for https and this host alone."""

    cookie_name = "__Host-messages"


class HostStorage(FallbackStorage):
    """The cookie while it is short, else the session: as Django does."""

    storage_classes = (HostCookieStorage, SessionStorage)
