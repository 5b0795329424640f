"""Every web request is one act: its person, its road, its id."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.act import Road, acting

ROADS = (("/admin/", Road.CONSOLE), ("/api/", Road.API), ("/l/", Road.LINK))


def road_of(path: str) -> str:
    """The road a web address belongs to: the console, the API, a portal link, else the portal."""
    return next((road for prefix, road in ROADS if path.startswith(prefix)), Road.PORTAL)


class ActMiddleware:
    """Sets the act for the length of a request. Stands after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by = request.user if request.user.is_authenticated else None
        road = road_of(request.path)
        own_rules = road in (Road.PORTAL, Road.LINK)
        with acting(by=by, road=road, actor=None if by else "Visitor", own_rules=own_rules) as act:
            request.act = act  # type: ignore[attr-defined]  # ours: audit.refusals reads it
            return self.get_response(request)
