"""Where the companion site differs from the console: its Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import NONE, SELF
from django.http import HttpRequest, HttpResponse

# Elsewhere the policy of config.settings holds.
NOT_OURS = ("/admin/", "/api/")
POLICY = {
    "default-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
NOT_NEEDED = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


class StrictPolicyMiddleware:
    """No inline script, no inline style, no eval, nothing from other hosts. Stands after django-csp's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", NOT_NEEDED)
        if not request.path.startswith(NOT_OURS):
            response._csp_config = POLICY  # type: ignore[attr-defined]
        return response
