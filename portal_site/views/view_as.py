"""The way out of another person's eyes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from permissions.services import end_view_as
from portal_site.view_as import SESSION, viewing


@require_POST
def stop_view_as(request: HttpRequest) -> HttpResponse:
    """Ends the look and leads back to the person's page in the console."""
    look = viewing(request)
    if look is None:
        raise Http404
    user: Any = request.user
    end_view_as(look, by=user)
    del request.session[SESSION]
    return redirect("admin:accounts_portaluser_change", look.portal_user_id)
