"""Where the companion site differs from the console: its Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from audit.private_hooks import set_policy

# Elsewhere the policy of config.settings holds.
NOT_OURS = ("/admin/", "/api/")
POLICY = {
    "default-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:", *settings.MAP_HOSTS],
    "font-src": [SELF],
    "connect-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
NOT_NEEDED = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
# The pages with the button "I am there now" set this one themselves.
MAY_ASK_WHERE = NOT_NEEDED.replace("geolocation=()", "geolocation=(self)")


class StrictPolicyMiddleware:
    """No inline script, no inline style, no eval, nothing from other hosts. Stands after django-csp's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.get_strict_response = csp(POLICY)(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_ours = not request.path.startswith(NOT_OURS)
        response = self.get_strict_response(request) if is_ours else self.get_response(request)
        response.headers.setdefault("Permissions-Policy", NOT_NEEDED)
        if not request.path.startswith(NOT_OURS):
            set_policy(response, POLICY)
        return response
