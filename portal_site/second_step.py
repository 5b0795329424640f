"""Who has two-factor sign-in goes no further than the password leads, until the second step is done.

Stands between the session and every page, console and companion site alike. What is done is kept in the session, which
is renewed at that moment.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.known_browsers import remember_browser
from audit.masking import holds_token
from business.models import PortalSettings
from portal_site.visitor import PortalRequest

DONE = "second_step"
# Pages one may see with half a sign-in: the step itself, the way out, and what pages are made of.
OPEN = (
    "portal_site:second_step",
    "portal_site:logout",
    "portal_site:brand_css",
    "portal_site:brand_logo",
    "admin:logout",
)
SETTING_UP = (*OPEN, "portal_site:two_factor", "portal_site:password_change")


def is_done(request: PortalRequest) -> bool:
    """Has the account of this session shown its second step, or has it none?"""
    user = request.user
    return not user.is_authenticated or not user.two_factor_since or request.session.get(DONE) == user.pk


def mark_done(request: PortalRequest) -> None:
    """From here on this session counts as fully signed in."""
    user = request.visitor.require_login()
    request.session.cycle_key()
    request.session[DONE] = user.pk
    remember_browser(request, user)


class SecondStepMiddleware:
    """Leads to the second step, or, where the office demands one of staff, to setting one up."""

    def __init__(self, get_response: Callable[[PortalRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            if not is_done(request):
                if not _is_one_of(request, OPEN):
                    return _lead_to(request, "portal_site:second_step")
            elif request.path.startswith("/admin/") and self._must_set_up(request):
                messages.info(request, _("Set up two-factor sign-in first: the office asks it of its staff."))
                return _lead_to(request, "portal_site:two_factor")
        return self.get_response(request)

    def _must_set_up(self, request: PortalRequest) -> bool:
        staff = request.visitor.staff
        if staff is None or staff.two_factor_since or _is_one_of(request, SETTING_UP):
            return False
        return PortalSettings.load().staff_two_factor


def _is_one_of(request: PortalRequest, names: tuple[str, ...]) -> bool:
    return request.path in {reverse(name) for name in names}


def _lead_to(request: PortalRequest, name: str) -> HttpResponse:
    back = request.get_full_path()
    address = reverse(name) if holds_token(back) else f"{reverse(name)}?{urlencode({'next': back})}"
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
