"""What follows from signing in, and from failing to."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.known_browsers import remember_browser
from accounts.models import User
from accounts.models.people import UserManager
from accounts.own_password import is_asking
from accounts.services.sign_in import note_sign_in, note_wrong_password
from accounts.staff_sessions import begin_anew
from audit.masking import mask_tokens


@receiver(user_logged_in, dispatch_uid="accounts.signed_in")
def after_the_password(sender: type[User], request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """The browser is known from now on. With a second step it is only after that (``portal_site.second_step``)."""
    note_sign_in(user)
    if request is not None and hasattr(request, "session"):
        begin_anew(request)
    if request is not None and not user.two_factor_since:
        remember_browser(request, user)


@receiver(user_login_failed, dispatch_uid="accounts.sign_in_failed")
def after_a_wrong_password(sender: str, credentials: dict[str, str], **kwargs: Any) -> None:
    """Whether a password was wrong, or was not looked at in a pause."""
    email = UserManager.normalize_email(str(credentials.get("username") or credentials.get("email") or ""))
    note_wrong_password(email, is_own=is_asking())


@receiver(pre_save, sender=AccessAttempt, dispatch_uid="accounts.keep_no_forms")
@receiver(pre_save, sender=AccessFailureLog, dispatch_uid="accounts.keep_no_forms")
@receiver(pre_save, sender=AccessLog, dispatch_uid="accounts.keep_no_forms")
def keep_nothing_that_was_typed(
    sender: type[models.Model], instance: AccessAttempt | AccessFailureLog | AccessLog, **kwargs: Any
) -> None:
    """A try is counted; the form it came with holds passwords, and its address may hold a token.

    django-axes has no setting for that: it knows one field by its name, and passwords are asked for under others.
    """
    instance.path_info = mask_tokens(instance.path_info)
    if isinstance(instance, AccessAttempt):
        instance.get_data = instance.post_data = ""
