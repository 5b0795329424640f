"""Staff see the companion site as a portal user does (PRODUCT.md section 11.4).

What they see is hers; what they could do is nothing: while somebody looks through another person's eyes the server
refuses every unsafe method on the companion site, whatever the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import ViewAs
from permissions.services.view_as import look_under_way

SESSION = "view_as"
NOT_OURS = ("/admin/", "/api/")
SAFE = ("GET", "HEAD", "OPTIONS")


def viewing(request: HttpRequest) -> ViewAs | None:
    """The look under way in this request, or None."""
    return getattr(request, "_view_as", None)


class ViewAsMiddleware:
    """Puts the other person's eyes on, and ties the hands. Stands after the second step."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION in request.session and not request.path.startswith(NOT_OURS):
            found = _look(request)
            if found is None:
                # The right, the grant or the person is gone: so is the look.
                del request.session[SESSION]
            else:
                request._view_as = found  # type: ignore[attr-defined]
                if request.method not in SAFE and request.path != reverse("portal_site:stop_view_as"):
                    return render(request, "portal_site/pages/only_looking.html", status=403)
        return self.get_response(request)


def _look(request: HttpRequest) -> ViewAs | None:
    user: Any = request.user
    if not user.is_authenticated or not user.is_staff:
        return None
    return look_under_way(request.session[SESSION], by=user)
