"""Everything that can go wrong, as problem details (RFC 9457): one shape for every error."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from permissions.errors import NotAllowed, Refused

CONTENT_TYPE = "application/problem+json"


class FieldError(Schema):
    """One fault of what was sent."""

    field: str
    message: str


class Problem(Schema):
    """An error, as RFC 9457 has it. ``detail`` is a sentence for a person; ``errors`` name the fields at fault."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] = []


# Declared for every operation: who you are, what you may, what there is, what you sent, how often.
PROBLEMS = {frozenset({400, 401, 403, 404, 409, 422, 429}): Problem}


class Throttled(Exception):
    """Too many requests; the number of seconds after which the next one may come."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(seconds)


class NotScoped(NotAllowed):
    """The token was not made for this."""


def problem(status: int, detail: str = "", errors: list[dict[str, str]] | None = None) -> HttpResponse:
    """An error as a response."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Portico"'
    return response


def _field_errors(error: DjangoValidationError) -> list[dict[str, str]]:
    if hasattr(error, "error_dict"):
        return [
            {"field": name if name != "__all__" else "", "message": sentence}
            for name, sentences in error.message_dict.items()
            for sentence in sentences
        ]
    return [{"field": "", "message": sentence} for sentence in error.messages]


def install(api: NinjaAPI) -> None:
    """Gives each kind of error its status."""

    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return problem(403 if isinstance(error, NotAllowed) else 409, str(error))

    def invalid(request: HttpRequest, error: DjangoValidationError) -> HttpResponse:
        return problem(422, _("Some of what was sent cannot be taken."), _field_errors(error))

    def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"field": ".".join(str(part) for part in one["loc"][1:] if part != "data"), "message": one["msg"]}
            for one in error.errors
        ]
        return problem(422, _("Some of what was sent cannot be taken."), errors)

    def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
        response = problem(429, _("Too many requests. Try again in %d seconds.") % error.seconds)
        response["Retry-After"] = str(error.seconds)
        return response

    handlers: dict[type[Exception], Any] = {
        Refused: refused,
        DjangoValidationError: invalid,
        ValidationError: unreadable,
        Throttled: throttled,
        Http404: lambda request, error: problem(404, _("There is no such record, or it is not yours to see.")),
        AuthenticationError: lambda request, error: problem(401, _("Send a valid token: Authorization: Bearer …")),
        HttpError: lambda request, error: problem(error.status_code, str(error)),
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def not_there(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address below /api/ that there is not."""
    return problem(404, _("There is no such address in this API."))
