"""Addresses that no page of ours has are refused before a page looks at them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

# The API answers for what is sent to it itself, as its document says.
ELSEWHERE = "/api/"


class AddressMiddleware:
    """An address with a zero byte in it is answered with 400: no text in any of our tables holds one.

    SQLite would look for it, PostgreSQL raises an error in the middle of a page: so no page needs to think of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
        if not request.path.startswith(ELSEWHERE) and ("\0" in request.path or b"\0" in query):
            raise BadRequest("a zero byte in the address")
        return self.get_response(request)
