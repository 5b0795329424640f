"""What the companion site leaves to the worker: ids in, one thing done."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.utils import translation

from permissions.models import PortalSettings


@shared_task
def send_password_reset(email: str, language: str = "") -> None:
    """Sends a reset link to whoever has that address and may sign in; to nobody, without a word, if nobody has."""
    form = PasswordResetForm({"email": email})
    if not form.is_valid():
        return
    scheme, _sep, host = settings.SITE_URL.partition("://")
    words: dict[str, Any] = {"business": PortalSettings.load(), "site_url": settings.SITE_URL}
    with translation.override(language or settings.LANGUAGE_CODE):
        form.save(
            domain_override=host,
            use_https=scheme == "https",
            subject_template_name="portal_site/mail/password_reset_subject.txt",
            email_template_name="portal_site/mail/password_reset.txt",
            extra_email_context=words,
        )
