"""A browser in which somebody has signed in is known to their account: wrong tries from elsewhere do not keep them out.

What makes it known is a signed cookie. It holds a random name of the browser, and for each account a mark that nobody
reads back: an account's mark changes when this person signs out everywhere, and with it every browser is a stranger
again. Why: docs/decisions/0080-known-browsers.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models.people import User, UserManager

SALT = "accounts.known_browsers"
# Counted from the last time that somebody signed in.
LASTS = timedelta(days=365)
# So many accounts are remembered in one browser, the newest: people share a computer, a list without end is no use.
MOST_ACCOUNTS = 5
# What tries from a known browser are counted under, in the place of an e-mail address: it holds no @, so it is none.
PREFIX = "browser:"
# What the others are counted under: a digest, for people type passwords into the field of the address.
ACCOUNT = "account:"


@dataclass(frozen=True)
class Browser:
    """What the cookie says: the name of the browser, and the marks of the accounts it is known to."""

    name: str
    marks: tuple[str, ...] = ()


def mark_of(user: User) -> str:
    """The mark of an account. It changes when its sessions are ended (``end_sessions``), and never else."""
    return salted_hmac(SALT, f"{user.pk}:{user.session_epoch}", algorithm="sha256").hexdigest()[:32]


def browser_of(request: HttpRequest) -> Browser | None:
    """What the cookie of this request says; None without one, or when it is not ours or too old."""
    stored = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    if not stored:
        return None
    try:
        said = signing.loads(stored, salt=SALT, max_age=LASTS)
        return Browser(said["name"], tuple(said["marks"]))
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        return None


def name_of_account(email: str) -> str:
    """What tries of an account are counted under, whether there is such an account or not. Nobody reads it back."""
    digest = salted_hmac(SALT, UserManager.normalize_email(email), algorithm="sha256").hexdigest()
    return f"{ACCOUNT}{digest}"


def counted_as(request: HttpRequest, email: str) -> str:
    """What tries of that account from this browser are counted under, or "" when it does not know the account.

    Asks the database once for each account that is tried with a readable cookie, whether there is one or not.
    """
    browser = browser_of(request)
    if browser is None:
        return ""
    known: dict[str, str] = request.__dict__.setdefault("_known_browser", {})
    if email not in known:
        user = User.objects.filter(email=UserManager.normalize_email(email)).only("pk", "session_epoch").first()
        known[email] = name_in(browser, user)
    return known[email]


def name_in(browser: Browser, user: User | None) -> str:
    """The same for one account; "" for none."""
    if user is None:
        return ""
    mark = mark_of(user)
    known = any(constant_time_compare(mark, one) for one in browser.marks)
    return f"{PREFIX}{mark}:{browser.name}" if known else ""


def remember_browser(request: HttpRequest, user: User) -> None:
    """Makes this browser known to an account: the answer of this request carries the cookie."""
    request.__dict__["_remember_account"] = mark_of(user)


class KnownBrowserMiddleware:
    """Sends the cookie after a success."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        mark: str | None = request.__dict__.get("_remember_account")
        if mark:
            before = browser_of(request) or Browser(secrets.token_urlsafe(12))
            marks = [mark, *(one for one in before.marks if one != mark)][:MOST_ACCOUNTS]
            response.set_cookie(
                settings.KNOWN_BROWSER_COOKIE_NAME,
                signing.dumps({"name": before.name, "marks": marks}, salt=SALT),
                max_age=LASTS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
