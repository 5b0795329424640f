"""The companion site gives times in the reader's zone (accounts.zones); the console in the business's.

A browser says where it is with each form it sends (portal.js): kept for the person, for a guest in the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import TypeVar

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from accounts.services import note_browser_zone
from accounts.zones import zone_named, zone_names, zone_of
from portal_site.middleware import NOT_OURS
from portal_site.visitor import PortalRequest

FIELD = SESSION = "browser_zone"
_Part = TypeVar("_Part")


class ZoneMiddleware:
    """Puts the reader's zone on for one request. Stands after the look through another person's eyes."""

    def __init__(self, get_response: Callable[[PortalRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        if request.path.startswith(NOT_OURS):
            return self.get_response(request)
        zone = reader_zone(request)
        with timezone.override(zone):
            response = self.get_response(request)
        _note(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _in_zone(iter(response), zone)
        return response


def reader_zone(request: PortalRequest) -> tzinfo:
    """The zone of whoever reads this page; of the person looked at, where staff see the site as they do."""
    view_as = request.visitor.view_as
    if view_as is not None:
        return zone_of(view_as.portal_user.user)
    if request.user.is_authenticated:
        return zone_of(request.user)
    return zone_named(request.session.get(SESSION, ""))


def _note(request: PortalRequest) -> None:
    said = (getattr(request, "_post", None) or {}).get(FIELD, "")
    if said not in zone_names() or request.visitor.view_as is not None:
        return
    user = request.user
    if user.is_authenticated:
        note_browser_zone(user, said)
    elif not request.session.is_empty():
        # A guest's. Whoever only looks at the question gets no session for it.
        request.session[SESSION] = said


def _in_zone(parts: Iterable[_Part], zone: tzinfo) -> Iterator[_Part]:
    """What is written only while it is sent, in that zone too."""
    waiting = iter(parts)
    while True:
        with timezone.override(zone):
            try:
                part = next(waiting)
            except StopIteration:
                return
        yield part
