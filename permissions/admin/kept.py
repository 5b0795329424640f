"""What the office reads about decisions that outlive a link."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest

from accounts.models import Customer, CustomerLink, PortalUser
from console.forecast import Forecast, require_seen_effect
from console.reader import StaffReader
from permissions.services.kept_decisions import again_words, kept_words, returning_words


def tell_what_is_kept(request: HttpRequest, links: Iterable[CustomerLink]) -> None:
    """Say before or after links are taken away which decisions wait for new ones, to whoever may read decisions."""
    reader = StaffReader(request.user)
    for link in links:
        if said := kept_words(link, reader):
            messages.info(request, said)


def require_seen_decisions(
    request: HttpRequest, made: Iterable[tuple[PortalUser, Customer]], going: Iterable[CustomerLink] = ()
) -> None:
    """Raise Refused once, with how many decisions are kept of links that go, and how many come back with new ones."""
    reader = StaffReader(request.user)
    said = [kept_words(link, reader) for link in going]
    said += [returning_words(person, customer, reader) for person, customer in made]
    require_seen_effect(request, Forecast(consequences=[words for words in said if words]))


def tell_what_applies_again(request: HttpRequest, links: Iterable[CustomerLink]) -> None:
    """Say after links were made how many decisions came back, to whoever may read decisions."""
    if request.user.has_perm("permissions.view_permissionoverride") and (said := again_words(list(links))):
        messages.info(request, said)
