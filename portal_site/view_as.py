"""Staff see the companion site as a portal user does (PRODUCT.md section 11.4).

They see what that person sees and can do nothing: while it lasts the server refuses every unsafe method on the
companion site, whatever the page.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import ViewAs
from permissions.services.view_as import look_under_way
from portal_site.middleware import NOT_OURS
from portal_site.visitor import PortalRequest

SESSION = "view_as"
SAFE = ("GET", "HEAD", "OPTIONS")


class ViewAsMiddleware:
    """Puts the other person's eyes on, and ties the hands. Stands after the second step."""

    def __init__(self, get_response: Callable[[PortalRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        if SESSION in request.session and not request.path.startswith(NOT_OURS):
            found = _look(request)
            if found is None:
                # The right, the grant or the person is gone: so is the look.
                del request.session[SESSION]
            else:
                request.visitor.view_as = found
                if request.method not in SAFE and request.path != reverse("portal_site:stop_view_as"):
                    return render(request, "portal_site/pages/only_looking.html", status=403)
        return self.get_response(request)


def _look(request: PortalRequest) -> ViewAs | None:
    staff = request.visitor.staff
    return None if staff is None else look_under_way(request.session[SESSION], by=staff)
