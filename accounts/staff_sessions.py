"""How long a member of staff stays signed in: so long without a click, and so long at most.

Two moments are kept in the session: when it began, and when it was last used. Pages that ask by themselves whether
there is news are no use of it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from audit.masking import holds_token

BEGAN, USED = "staff_session_began", "staff_session_used"
# Written anew this often, in seconds, so that not every page writes into the session.
EXACT_TO = 60
# What pages send along when they ask by themselves, without anybody's click. Who forges it only ends sooner.
BY_ITSELF = "X-By-Itself"


def person_of(request: HttpRequest) -> User:
    """Who asks for a page of the console. Raises PermissionDenied for somebody who has not signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class StaffSessionMiddleware:
    """Signs staff out when their time is over, and says why where they sign in. Stands after authentication and
    messages, before whatever shows a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.is_staff:
            why = _over(request)
            if why:
                logout(request)
                messages.info(request, why)
                return _lead_to_sign_in(request)
            _note_use(request)
        return self.get_response(request)


def begin_anew(request: HttpRequest) -> None:
    """Counts from now on: somebody has just given the password, in a session that may be an older one of the same."""
    request.session.pop(BEGAN, None)
    request.session.pop(USED, None)


def _over(request: HttpRequest) -> str:
    """Why the session is over, in a sentence; "" while it is not."""
    now = timezone.now().timestamp()
    if now - request.session.get(USED, now) >= settings.STAFF_SESSION_IDLE * 60:
        return _("You were signed out because you hadn't used Portico for a while. Sign in again to continue.")
    if now - request.session.get(BEGAN, now) >= settings.STAFF_SESSION_LIFETIME * 3600:
        return _("You were signed out because you signed in long ago. Sign in again to continue.")
    return ""


def _note_use(request: HttpRequest) -> None:
    now = timezone.now().timestamp()
    if BEGAN not in request.session:
        request.session[BEGAN] = now
    used = request.session.get(USED)
    if used is None or (now - used >= EXACT_TO and BY_ITSELF not in request.headers):
        request.session[USED] = now


def _lead_to_sign_in(request: HttpRequest) -> HttpResponse:
    door = "admin:login" if request.path.startswith("/admin/") else "portal_site:login"
    requested = request.get_full_path() if request.method == "GET" and not getattr(request, "htmx", False) else ""
    back = "" if holds_token(requested) else requested
    address = f"{reverse(door)}?{urlencode({'next': back})}" if back else reverse(door)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
