"""A pause of signing in after too many wrong passwords: told to the account's owner, over after a new password."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.choices import PortalUserState
from accounts.known_browsers import PREFIX, mark_of, name_of_account
from accounts.models import User
from accounts.models.payloads import SignInPaused
from accounts.models.people import UserManager
from accounts.services.events import record_account_event
from background.waking import wake

# A stranger who goes on for days must not fill somebody's mailbox.
ONE_MAIL_IN = timedelta(days=1)


def end_pause(user: User) -> int:
    """Forgets every wrong password of an account, from everywhere. Returns how many counts there were.

    For whoever has just proved by mail, or by the old password, who they are.
    """
    counts = Q(username=name_of_account(user.email)) | Q(username__startswith=f"{PREFIX}{mark_of(user)}:")
    return AccessAttempt.objects.filter(counts).delete()[0]


def queue_news_of_a_pause(email: str) -> None:
    """Leaves the mail to the worker, which alone sees whether there is an account; at once without a broker."""
    if not wake("accounts.tasks.tell_sign_in_is_paused", email):
        tell_sign_in_is_paused(email)


def tell_sign_in_is_paused(email: str) -> bool:
    """Tells the owner of an account that signing in is paused, at most once a day; True when a mail is on its way.

    Nobody is told who could not sign in anyway, and of an account that does not exist nobody is.
    """
    accounts = User.objects.filter(email=UserManager.normalize_email(email), is_active=True)
    user = accounts.filter(Q(is_staff=True) | Q(portal_user__state=PortalUserState.ACTIVE)).first()
    if user is None:
        return False
    now = timezone.now()
    untold = Q(told_of_pause_at__isnull=True) | Q(told_of_pause_at__lte=now - ONE_MAIL_IN)
    with transaction.atomic():
        # Claimed before it is written: two workers at once send one.
        if not User.objects.filter(untold, pk=user.pk).update(told_of_pause_at=now):
            return False
        record_account_event(user, SignInPaused())
    return True
