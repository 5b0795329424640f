"""Every web request is one act: its person, its source, its id."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.act import Source, acting

SOURCES = (("/admin/", Source.CONSOLE), ("/api/", Source.API), ("/l/", Source.LINK))


def source_of(path: str) -> str:
    """The source a web address belongs to: the console, the API, a portal link, else the portal."""
    return next((source for prefix, source in SOURCES if path.startswith(prefix)), Source.PORTAL)


class ActMiddleware:
    """Sets the act for the length of a request. Stands after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by = request.user if request.user.is_authenticated else None
        source = source_of(request.path)
        own_rules = source in (Source.PORTAL, Source.LINK)
        with acting(by=by, source=source, actor=None if by else "Visitor", own_rules=own_rules) as act:
            request.act = act  # type: ignore[attr-defined]  # ours: audit.refusals reads it
            return self.get_response(request)
