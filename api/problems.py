"""Everything that can go wrong, as problem details (RFC 9457): one shape for every error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from audit.excerpts import MOST_LISTED, and_more, counted, excerpt
from audit.headers import header
from console.errors import NotAllowed, Refused, beaten_in_words

CONTENT_TYPE = "application/problem+json"

# An answer does not grow with what was sent: so much of a sentence is told.
MOST_OF_A_SENTENCE = 1000

logger = logging.getLogger("api")


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


# What each operation declares: who you are, what you may, what there is, what you sent, how often. Those that change
# something also: not readable, its state rules it out or somebody was faster, too large.
READING = {frozenset({401, 403, 404, 422, 429}): Problem}
CHANGING = {frozenset({400, 401, 403, 404, 409, 413, 422, 429}): Problem}
# As RFC 9110 calls them; what Python calls them depends on its version.
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
# Told where nothing better is known: by the server around the operations, not by them.
SENTENCES = {
    400: _lazy("The request cannot be read."),
    403: _lazy("This is not allowed."),
    404: _lazy("There is no such address in this API."),
    405: _lazy("This address does not take that method: see the Allow header."),
    413: _lazy("The request is too large."),
    500: _lazy("Something went wrong here, and it is written down. Nothing was changed; try again later."),
}


class Throttled(Exception):
    """Too many requests; the number of seconds after which the next one may come."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(seconds)


class NotScoped(NotAllowed):
    """The token was not made for this."""


def problem(
    status: int, detail: str = "", errors: list[dict[str, str]] | None = None, *, not_named: int = 0
) -> HttpResponse:
    """An error as a response. ``not_named``: how many errors there are beside those."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": excerpt(detail, MOST_OF_A_SENTENCE),
        "errors": _some_of(errors or [], not_named),
    }
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Portico"'
    return response


def _some_of(errors: list[dict[str, str]], not_named: int) -> list[dict[str, str]]:
    """The first errors, each of a length that can be read, and how many more there are."""
    first = errors[:MOST_LISTED]
    left = len(errors) - len(first) + not_named
    told = [{"field": excerpt(one["field"]), "message": excerpt(one["message"], MOST_OF_A_SENTENCE)} for one in first]
    return [*told, {"field": "", "message": and_more(left)}] if left else told


def _field_errors(error: DjangoValidationError) -> tuple[list[dict[str, str]], int]:
    """The errors that are named, and how many are not."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    faults = [(name, fault) for name, faults in by_field.items() for fault in faults]
    told = [
        {"field": name if name != NON_FIELD_ERRORS else "", "message": sentence}
        for name, fault in faults
        if not counted(fault)
        for sentence in fault.messages
    ]
    return told, sum(counted(fault) for _name, fault in faults)


Fault = TypeVar("Fault", bound=Exception)


def install(api: NinjaAPI) -> None:
    """Gives each kind of error its status."""

    def answer(kind: type[Fault], made: Callable[[Fault], HttpResponse]) -> None:
        def handler(request: HttpRequest, error: Fault | type[Fault]) -> HttpResponse:
            assert isinstance(error, kind)
            return made(error)

        api.add_exception_handler(kind, handler)

    answer(Refused, lambda error: problem(403 if isinstance(error, NotAllowed) else 409, str(error)))
    answer(DjangoValidationError, _invalid)
    answer(ValidationError, _unreadable)
    answer(Throttled, _throttled)
    answer(IntegrityError, _beaten)
    answer(RequestDataTooBig, lambda error: problem(413, str(SENTENCES[413])))
    answer(Http404, lambda error: problem(404, _("There is no such record, or it is not yours to see.")))
    answer(AuthenticationError, lambda error: problem(401, _("Send a valid token: Authorization: Bearer …")))
    answer(HttpError, lambda error: problem(error.status_code, str(error)))


def _invalid(error: DjangoValidationError) -> HttpResponse:
    errors, more = _field_errors(error)
    return problem(422, _("Some of what was sent cannot be taken."), errors, not_named=more)


def _unreadable(error: ValidationError) -> HttpResponse:
    errors = [
        {"field": ".".join(str(part) for part in one["loc"][1:] if part != "data"), "message": one["msg"]}
        for one in error.errors
    ]
    return problem(422, _("Some of what was sent cannot be taken."), errors)


def _beaten(error: IntegrityError) -> HttpResponse:
    # Checked before, and made by somebody else between the check and the writing.
    logger.warning("a row was there already: %s", error)
    return problem(409, beaten_in_words())


def _throttled(error: Throttled) -> HttpResponse:
    words = ngettext(
        "Too many requests. Try again in %d second.", "Too many requests. Try again in %d seconds.", error.seconds
    )
    response = problem(429, words % error.seconds)
    response["Retry-After"] = header(str(error.seconds))
    return response


class ProblemsMiddleware:
    """What the server around the API answers becomes a problem as well: a method that is not taken, a request that is
    too large or has no sense, a failure. The pages for people have their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith("/api/"):
            return response
        if response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        told = problem(response.status_code, str(SENTENCES.get(response.status_code, "")))
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                told[name] = header(response.headers[name])
        return told


@csrf_exempt
def not_there(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address below /api/ that there is not, whatever is sent there: a program has no cookie of a form."""
    return problem(404, str(SENTENCES[404]))
