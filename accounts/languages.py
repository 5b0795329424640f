"""Which language a person reads: the one she chose, else the one her browser asks for, else that of the business."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from accounts.models import User
from accounts.models.people import Anyone

# Programs read the API: its words are part of what they were written against.
API, LANGUAGE_OF_THE_API = "/api/", "en"


class LanguageMiddleware:
    """A page speaks the language its reader chose. Stands after authentication; Django's own asked the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = LANGUAGE_OF_THE_API if request.path.startswith(API) else getattr(request.user, "language", "")
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        return self.get_response(request)


def language_of(user: Anyone | None) -> str:
    """The language in which a person is written to; that of the business for whoever never chose one."""
    return getattr(user, "language", "") or settings.LANGUAGE_CODE


def languages_of(addresses: Iterable[str]) -> dict[str, str]:
    """The languages chosen by the people who sign in with some e-mail addresses, in small letters: one query."""
    wanted = {address.strip().lower() for address in addresses if address}
    if not wanted:
        return {}
    return dict(User.objects.filter(email__in=wanted).exclude(language="").values_list("email", "language"))


def language_of_this_page() -> str:
    """The language the reader of this page reads, if we have it."""
    spoken = (translation.get_language() or "").split("-")[0]
    return spoken if spoken in dict(settings.LANGUAGES) else ""
