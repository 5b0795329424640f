"""Guesses of passwords, counted in the database: for an account from one address, for an account, for an address.

Each has a limit of its own. Eight wrong passwords from where she sits pause her account there. More are borne from
everywhere together, so that a stranger does not easily lock her out, and from one address, behind which a whole company
may sit.
"""

from __future__ import annotations

from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q, Sum
from django.http import HttpRequest

from accounts.models.people import UserManager

PER_ACCOUNT = 30
PER_ADDRESS = 60


def name_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account somebody tries, however she writes its address: capitals must not buy another eight tries."""
    field = settings.AXES_USERNAME_FORM_FIELD
    said = (credentials or {}).get(field) or request.POST.get(field)
    return UserManager.normalize_email(said)


class Guesses(AxesDatabaseHandler):
    """django-axes counts one thing against one limit, this three. A right password forgives its pair."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        of_pair: int = super().get_failures(request, credentials)
        of_account = Q(username=name_of(request, credentials))
        of_address = Q(ip_address=request.axes_ip_address)
        recent = AccessAttempt.objects.filter(
            of_account | of_address, attempt_time__gte=get_cool_off_threshold(request)
        )
        failed = Sum("failures_since_start", filter=of_account), Sum("failures_since_start", filter=of_address)
        counted = recent.aggregate(account=failed[0], address=failed[1])
        if (counted["account"] or 0) >= PER_ACCOUNT or (counted["address"] or 0) >= PER_ADDRESS:
            return max(of_pair, settings.AXES_FAILURE_LIMIT)
        return of_pair
