"""The map: her open jobs, the workers who are on them, and the same as a list."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal_site.doors import portal_page
from portal_site.map_spots import places_of
from portal_site.visitor import PLACES_SHOWN, PortalRequest


@require_safe
@portal_page(permission="view_map")
def map_page(request: PortalRequest) -> HttpResponse:
    """Her open jobs that have a place; only the list when the page asks for it anew."""
    visitor = request.visitor
    found, unplaced = visitor.jobs_on_map()
    shown = found[:PLACES_SHOWN]
    context = {
        "places": places_of(shown, visitor.worker_places(shown)),
        "more": len(found) > len(shown),
        "most": PLACES_SHOWN,
        "unplaced": unplaced,
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
        "several": visitor.account is None,
    }
    part = request.GET.get("part") == "list"
    return render(request, f"portal_site/{'partials/map_list' if part else 'pages/map'}.html", context)
