"""The companion site gives times in the reader's zone (accounts.zones); the console in the business's.

A browser says where it is with each form it sends (portal.js): kept for the person, for a guest in the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone

from accounts.services import note_browser_zone
from accounts.zones import zone_named, zone_names, zone_of
from portal_site.view_as import NOT_OURS, viewing

FIELD = SESSION = "browser_zone"


class ZoneMiddleware:
    """Puts the reader's zone on for one request. Stands after the look through another person's eyes."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if request.path.startswith(NOT_OURS):
            return self.get_response(request)
        zone = reader_zone(request)
        with timezone.override(zone):
            response = self.get_response(request)
        _note(request)
        if response.streaming and not isinstance(response, FileResponse):
            response.streaming_content = _in_zone(response.streaming_content, zone)
        return response


def reader_zone(request: HttpRequest) -> tzinfo:
    """The zone of whoever reads this page; of the person looked at, where staff look through her eyes."""
    look = viewing(request)
    if look is not None:
        return zone_of(look.portal_user.user)
    if request.user.is_authenticated:
        return zone_of(request.user)
    return zone_named(request.session.get(SESSION, ""))


def _note(request: HttpRequest) -> None:
    said = (getattr(request, "_post", None) or {}).get(FIELD, "")
    if said not in zone_names() or viewing(request) is not None:
        return
    user: Any = request.user
    if user.is_authenticated:
        note_browser_zone(user, said)
    elif not request.session.is_empty():
        # A guest's. Whoever only knocks gets no session for it.
        request.session[SESSION] = said


def _in_zone(parts: Iterable[Any], zone: tzinfo) -> Iterator[Any]:
    """What is written only while it is sent, in that zone too."""
    waiting = iter(parts)
    while True:
        with timezone.override(zone):
            try:
                part = next(waiting)
            except StopIteration:
                return
        yield part
