"""What goes out is compressed: pages as they leave, static files once, under names that change with their content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

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


class CompressedStaticFiles(CompressedManifestStaticFilesStorage):
    """Compresses what pages name, and nothing a second time: ``bin/run`` collects at each start.

    A file under a hashed name never changes, so what was made of it stays good. Pages name no other.
    """

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        named = set(self.hashed_files.values())
        yield from super().compress_files([name for name in paths if name in named and self._is_fresh(name)])

    def _is_fresh(self, name: str) -> bool:
        done = (os.path.exists(self.path(f"{name}.{kind}")) for kind in ("br", "gz"))
        return not name.endswith(".map") and not all(done)
