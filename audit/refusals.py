"""Which answers are security events, whatever page gave them: refusals, limits, files that leave.

Read off status, headers and address, so that a page made tomorrow is noted too.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from audit.address import client_address
from audit.expressions import Expression
from audit.middleware import source_of
from audit.models import SecurityEvent
from audit.security_events import ALLOWED, Desk, at_desk, faults, note

Kind = SecurityEvent.Kind

API, CONSOLE = "/api/", "/admin/"
# Addresses that are keys: portal links, invitations, stops of messages.
LINKS = ("/l/", "/join/", "/stop/")
# Parts of an address that open something, by the names the addresses give them.
SECRET_PARTS = frozenset({"token", "uidb64", "reference"})
# Files that hold many records. A picture or a job sheet is looked at, not exported.
TABLES = Expression(
    r"text/(csv|tab-separated-values)|application/(json|zip|octet-stream|vnd\.(ms-excel|openxmlformats-[a-z.-]{1,80}))",
    longest=200,
)
_FILE_NAME = Expression(r"filename\*?=(?:UTF-8'')?\"?([^\";]{1,150})", longest=1_000)


class SecurityEventsMiddleware:
    """Notes what is refused or exported, and writes what was noted when the request is over. Stands outside of whatever
    opens a transaction, and of whatever refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        desk = Desk(client_address(request) or "", shown_address(request), source_of(request.path))
        with at_desk(desk):
            response = self.get_response(request)
            try:
                _note_answer(request, response, desk)
            except Exception:
                # A note about a request must not be what breaks it.
                faults.exception("An answer could not be looked at for security events")
            return response


def shown_address(request: HttpRequest) -> str:
    """Method and path as they may be kept: without the query, and without the parts that open something."""
    path = request.path
    try:
        match = resolve(request.path_info)
    except Resolver404:
        first, _slash, rest = path.lstrip("/").partition("/")
        return f"{request.method} /{first}/{'…' if rest else ''}"[:200]
    for name, value in match.kwargs.items():
        if name in SECRET_PARTS:
            path = path.replace(str(value), "…")
    return f"{request.method} {path}"[:200]


def event_kind_of(request: HttpRequest, response: HttpResponseBase) -> SecurityEvent.Kind | None:
    """Return the kind of event an answer is, None for ordinary ones."""
    status, path = response.status_code, request.path
    if status == 429:
        return Kind.THROTTLED
    if path.startswith(API):
        return Kind.TOKEN_REFUSED if status in (401, 403) else None
    if path.startswith(LINKS):
        return Kind.TOKEN_REFUSED if status in (403, 404, 410) else None
    if status == 403:
        return Kind.PAGE_REFUSED
    if status == 302 and path.startswith(CONSOLE) and _is_customer(request) and _leads_to_login(response):
        # The console asks people of customers to sign in as somebody else.
        return Kind.PAGE_REFUSED
    leaves = response.headers.get("Content-Disposition", "").startswith("attachment")
    if status == 200 and leaves and TABLES.match(response.headers.get("Content-Type", "")):
        return Kind.EXPORTED
    return None


def _is_customer(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and not user.is_staff


def _leads_to_login(response: HttpResponseBase) -> bool:
    return "/login/" in response.headers.get("Location", "")


def _note_answer(request: HttpRequest, response: HttpResponseBase, desk: Desk) -> None:
    kind = event_kind_of(request, response)
    if kind is None or any(one.kind not in ALLOWED for one in desk.noted):
        # What refused it has told more already.
        return
    found = _FILE_NAME.search(response.headers.get("Content-Disposition", "")) if kind == Kind.EXPORTED else None
    act = getattr(request, "act", None)
    token = getattr(request, "auth", None)
    user = getattr(token, "account", None) or getattr(act, "by", None)
    note(
        kind,
        about=unquote(found[1]) if found else "",
        detail="" if kind == Kind.EXPORTED else str(response.status_code),
        user=user,
        actor=str(token) if token else (getattr(act, "actor", "") if user is None else ""),
        request_id=getattr(act, "request_id", None),
    )
