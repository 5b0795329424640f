"""The business's colour and logo, cached for long under an address that changes with them."""

from __future__ import annotations

import mimetypes

from django.http import FileResponse, Http404, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

from audit.headers import header
from portal_site import brand
from portal_site.visitor import PortalRequest

A_YEAR = 31_536_000
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def _etag(request: PortalRequest) -> str:
    return f'"{brand.digest(request.visitor.settings.brand_colour)}"'


@require_safe
@condition(etag_func=_etag)
def brand_css(request: PortalRequest) -> HttpResponse:
    """The brand colour, as a style sheet."""
    colour = request.visitor.settings.brand_colour
    response = HttpResponse(brand.palette_of(colour).css, content_type="text/css; charset=utf-8")
    _keep(request, response, brand.digest(colour))
    return response


@require_safe
def brand_logo(request: PortalRequest) -> HttpResponse | FileResponse:
    """The logo, as it was uploaded."""
    logo = request.visitor.settings.logo
    name = logo.name or ""
    kind = mimetypes.guess_type(name)[0]
    if not name or kind not in PICTURES or not logo.storage.exists(name):
        raise Http404
    response = FileResponse(logo.open("rb"), content_type=header(kind))
    _keep(request, response, brand.digest(name))
    return response


def _keep(request: PortalRequest, response: HttpResponse | FileResponse, digest: str) -> None:
    if request.GET.get("v") == digest:
        patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=60)
