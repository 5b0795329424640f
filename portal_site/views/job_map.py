"""The map: her open jobs, the workers who are on them, and the same as a list."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal_site import access
from portal_site.access import PLACES_SHOWN, portal_page
from portal_site.map_spots import places_of


@require_safe
@portal_page(permission="view_map")
def map_page(request: HttpRequest) -> HttpResponse:
    """Her open jobs that have a place; only the list when the page asks for it anew."""
    found, unplaced = access.jobs_on_map(request)
    shown = found[:PLACES_SHOWN]
    context = {
        "places": places_of(shown, access.worker_places(request, shown)),
        "more": len(found) > len(shown),
        "most": PLACES_SHOWN,
        "unplaced": unplaced,
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
        "several": access.account(request) is None,
    }
    part = request.GET.get("part") == "list"
    return render(request, f"portal_site/{'partials/map_list' if part else 'pages/map'}.html", context)
