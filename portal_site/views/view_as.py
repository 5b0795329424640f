"""The way out of another person's eyes."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from permissions.services import end_view_as
from portal_site.view_as import SESSION
from portal_site.visitor import PortalRequest


@require_POST
def stop_view_as(request: PortalRequest) -> HttpResponse:
    """Ends the look and leads back to the person's page in the console."""
    look = request.visitor.view_as
    if look is None:
        raise Http404
    end_view_as(look, by=request.visitor.require_login())
    del request.session[SESSION]
    return redirect("admin:accounts_portaluser_change", look.portal_user_id)
