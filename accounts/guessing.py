"""Guesses of passwords, counted in the database: for an account from one address, for an account, for an address.

Each has a limit of its own. Eight wrong passwords from one place pause the account there. More are borne from
everywhere together, so that a stranger does not easily lock somebody out, and from one address, behind which a whole
company may sit.
A browser in which this person has signed in before has a count of its own and no other: whatever strangers do,
its owner gets in (``accounts.known_browsers``).
"""

from __future__ import annotations

from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q, Sum
from django.http import HttpRequest

from accounts.known_browsers import counted_as, name_of_account
from accounts.models.people import UserManager
from accounts.services.pauses import queue_news_of_a_pause
from accounts.services.sign_in import note_pause

PER_ACCOUNT = 30
PER_ADDRESS = 60


def email_of(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """The account somebody tries, however she writes its address: capitals must not buy another eight tries."""
    field = settings.AXES_USERNAME_FORM_FIELD
    said = (credentials or {}).get(field) or request.POST.get(field)
    return UserManager.normalize_email(said)


def counter_name_of(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """What a try is counted under: the account, or the account in a browser that is known to it."""
    email = email_of(request, credentials)
    return counted_as(request, email) or name_of_account(email)


class TriedRequest(HttpRequest):
    """A request with what django-axes and ``Guesses`` write on it."""

    axes_ip_address: str
    axes_locked_out: bool
    account_is_paused: bool


class Guesses(AxesDatabaseHandler):
    """django-axes counts one thing against one limit, this four. A right password forgives its pair, or its browser."""

    def get_failures(self, request: TriedRequest, credentials: dict[str, str] | None = None) -> int:
        email = email_of(request, credentials)
        recent = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
        browser = counted_as(request, email)
        if browser:
            # Wherever it is: a telephone changes its address, and stays what it is.
            return recent.filter(username=browser).aggregate(all=Sum("failures_since_start"))["all"] or 0
        of_pair: int = super().get_failures(request, credentials)
        of_account, of_address = Q(username=name_of_account(email)), Q(ip_address=request.axes_ip_address)
        failed = Sum("failures_since_start", filter=of_account), Sum("failures_since_start", filter=of_address)
        counted = recent.filter(of_account | of_address).aggregate(account=failed[0], address=failed[1])
        request.account_is_paused = (counted["account"] or 0) >= PER_ACCOUNT
        if request.account_is_paused or (counted["address"] or 0) >= PER_ADDRESS:
            return max(of_pair, settings.AXES_FAILURE_LIMIT)
        return of_pair

    def user_login_failed(
        self, sender: str, credentials: dict[str, str], request: TriedRequest | None = None, **kwargs: Any
    ) -> None:
        """Counts a wrong password. The one that begins a pause is a security event; one that pauses the account for
        everybody but known browsers is told to its owner."""
        was_paused = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is None or was_paused or not request.axes_locked_out:
            return
        email = email_of(request, credentials)
        note_pause(email)
        if getattr(request, "account_is_paused", False):
            queue_news_of_a_pause(email)

    def reset_user_attempts(self, request: TriedRequest, credentials: dict[str, str] | None = None) -> int:
        """Forgives what was counted for the pair, or for the known browser wherever it was."""
        browser = counted_as(request, email_of(request, credentials))
        if not browser:
            return int(super().reset_user_attempts(request, credentials))
        return int(AccessAttempt.objects.filter(username=browser).delete()[0])
