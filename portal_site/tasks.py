"""What the companion site leaves to the worker: ids in, one thing done."""

from __future__ import annotations

from celery import shared_task
from django.contrib.auth.forms import PasswordResetForm

from accounts.models.payloads import PasswordLinkRequested
from accounts.services.events import record_account_event
from accounts.services.invitations import renew_invitation
from background.waking import wake


def queue_password_reset(email: str, language: str = "") -> None:
    """Leaves the question whose address it is to the worker, so that an unknown one takes as long; asks it at once
    without a broker."""
    if not wake("portal_site.tasks.send_password_reset", email, language):
        send_password_reset(email, language)


@shared_task
def send_password_reset(email: str, language: str = "") -> None:
    """A mail with a link to whoever has that address and may sign in, the invitation anew to whoever has one open; to
    nobody, without a word, if nobody has."""
    form = PasswordResetForm({"email": email})
    if form.is_valid() and renew_invitation(email) is None:
        for user in form.get_users(form.cleaned_data["email"]):
            record_account_event(user, PasswordLinkRequested(language))
