"""A pause of signing in after too many wrong passwords: told to the account's owner, over after a new password."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import PortalUserState
from accounts.known_browsers import PREFIX, mark_of, name_of_account
from accounts.languages import language_of
from accounts.models import User
from accounts.models.people import UserManager
from audit.headers import Letter
from background.waking import wake
from business.models import PortalSettings

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
    """Tells the owner of an account that signing in is paused, at most once a day; True when a mail went out.

    Nobody is told who could not sign in anyway, and of an account that does not exist nobody is.
    """
    accounts = User.objects.filter(email=UserManager.normalize_email(email), is_active=True)
    user = accounts.filter(Q(is_staff=True) | Q(portal_user__state=PortalUserState.ACTIVE)).first()
    if user is None:
        return False
    now = timezone.now()
    untold = Q(told_of_pause_at__isnull=True) | Q(told_of_pause_at__lte=now - ONE_MAIL_IN)
    # Claimed before it is sent: two workers at once send one.
    if not User.objects.filter(untold, pk=user.pk).update(told_of_pause_at=now):
        return False
    business = PortalSettings.load()
    with translation.override(language_of(user)):
        words = {
            "user": user,
            "settings": business,
            "address": f"{settings.SITE_URL}{reverse('portal_site:password_reset')}",
            "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
        }
        mail = Letter(
            subject=_("Many wrong passwords for your account at %s") % business.portal_name,
            body=render_to_string("accounts/mail/sign_in_paused.txt", words),
            from_email=business.mail_sender,
            to=user.email,
            reply_to=business.business_email,
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("accounts/mail/sign_in_paused.html", words), "text/html")
    mail.send()
    return True
