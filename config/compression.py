"""Pages go out compressed; static files are so already (whitenoise)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/javascript")


class CompressionMiddleware(GZipMiddleware):
    """Compresses what is text: pictures and PDFs gain nothing, and a file is not held back to be compressed.

    Django pads each answer by a random length, and the token of its forms is masked anew each time: so the length tells
    nobody what is in a page (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(TEXTS):
            return response
        return super().process_response(request, response)
