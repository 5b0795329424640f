"""What the companion site leaves to the worker: ids in, one thing done."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.template.loader import render_to_string
from django.utils import translation

from accounts.languages import languages_of
from accounts.services.invitations import renew_invitation
from audit.headers import Letter
from background.waking import wake
from business.models import PortalSettings

logger = logging.getLogger(__name__)


def queue_password_reset(email: str, language: str = "") -> None:
    """Leaves the mail to the worker, so that an unknown address takes as long; sends it at once without a broker."""
    if not wake("portal_site.tasks.send_password_reset", email, language):
        send_password_reset(email, language)


class _ResetForm(PasswordResetForm):
    """Django's, with a mail of ours."""

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        """Sends it; what goes wrong is written down, so that an unknown address takes the same way."""
        letter = Letter(
            subject=render_to_string(subject_template_name, context),
            body=render_to_string(email_template_name, context),
            from_email=from_email or settings.DEFAULT_FROM_EMAIL,
            to=to_email,
        )
        try:
            letter.send()
        except Exception:
            logger.exception("a password mail to account %s did not go out", context["user"].pk)


@shared_task
def send_password_reset(email: str, language: str = "") -> None:
    """Sends a reset link to whoever has that address and may sign in, the invitation anew to whoever has one open; to
    nobody, without a word, if nobody has."""
    form = _ResetForm({"email": email})
    if not form.is_valid() or renew_invitation(email) is not None:
        return
    scheme, _sep, host = settings.SITE_URL.partition("://")
    business = PortalSettings.load()
    words: dict[str, Any] = {"business": business, "site_url": settings.SITE_URL}
    with translation.override(languages_of([email]).get(email.lower()) or language or settings.LANGUAGE_CODE):
        form.save(
            domain_override=host,
            from_email=business.mail_sender,
            use_https=scheme == "https",
            subject_template_name="portal_site/mail/password_reset_subject.txt",
            email_template_name="portal_site/mail/password_reset.txt",
            extra_email_context=words,
        )
