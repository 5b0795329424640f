"""What is shown when something is in the way: what happened, what to do, whom to call."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from portal_site import brand
from portal_site.visitor import PortalRequest

# More bytes, fields or files than a page takes (settings.DATA_UPLOAD_MAX_...).
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def _page(request: PortalRequest, template: str, status: int, **facts: object) -> HttpResponse:
    try:
        facts["console"] = _console(request)
        return render(request, f"portal_site/pages/{template}.html", facts, status=status)
    except Exception:
        # The page about a fault must not become one: without the database there is still a sentence.
        return plain_page(status, _card_of(request))


def _console(request: PortalRequest) -> bool:
    return request.path.startswith("/admin/") and getattr(request, "user", None) is not None and request.user.is_staff


def plain_page(status: int = 500, card: brand.CallingCard | None = None) -> HttpResponse:
    """A page that asks nothing of database, session or request. ``card``: whom to call, else as last known."""
    try:
        words = loader.render_to_string("portal_site/pages/500.html", {"card": card or brand.last_known()})
    except Exception:
        sentence = _("Something went wrong on our side. Please try again in a few minutes.")
        return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=status)
    return HttpResponse(words, status=status)


def _card_of(request: PortalRequest) -> brand.CallingCard | None:
    """Whom to call, if this request had read it before something went wrong."""
    visitor = getattr(request, "visitor", None)
    settings = visitor.known_settings if visitor else None
    return brand.card_of(settings) if settings else None


@requires_csrf_token
def page_not_found(request: PortalRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or none for this person."""
    return _page(request, "404", 404)


@requires_csrf_token
def permission_denied(request: PortalRequest, exception: Exception | None = None) -> HttpResponse:
    """403: it exists, but she may not."""
    return _page(request, "403", 403)


@requires_csrf_token
def bad_request(request: PortalRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent something no page of ours sends."""
    return _page(request, "400", 400, too_much=isinstance(exception, TOO_MUCH))


def server_error(request: PortalRequest) -> HttpResponse:
    """500: our fault."""
    return plain_page(card=_card_of(request))


@requires_csrf_token
def csrf_failure(request: PortalRequest, reason: str = "") -> HttpResponse:
    """403: the form was sent from a page too old, or from elsewhere."""
    return _page(request, "csrf", 403)
