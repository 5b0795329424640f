"""The letters that let somebody set her password: by invitation, after a sign-up, as a new member of staff."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.history import History
from audit.take_back import TakeBack, never_taken_back
from audit.token_columns import TOKEN_COLUMNS, OpensByToken
from console.scope import Scope, ScopedQuerySet


class InvitationQuerySet(ScopedQuerySet["Invitation"]):
    def good(self, at: datetime | None = None) -> InvitationQuerySet:
        """Invitations whose link works at a moment (now if none is given)."""
        return self.filter(used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at or timezone.now())


class Invitation(OpensByToken):
    """One link by which one person sets her password.

    The mail that carries it is a message on the ledger (``alerts``), made of the event that is recorded with the
    invitation. What became of that message is written down here as well, in the same transaction.
    """

    class Purpose(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        ACTIVATION = "activation", _("Activation")
        STAFF = "staff", _("Staff account")

    class MailState(models.TextChoices):
        WAITING = "waiting", _("Waiting to go out")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNCERTAIN = "uncertain", _("Uncertain")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations", verbose_name=_("account")
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices, default=Purpose.INVITATION)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    made_by = models.CharField(_("made by"), max_length=200, blank=True, editable=False)
    expires_at = models.DateTimeField(_("works until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    mail_state = models.CharField(_("mail"), max_length=12, choices=MailState.choices, default=MailState.WAITING)
    mail_at = models.DateTimeField(_("mail sent"), null=True, blank=True, editable=False)
    mail_error = models.CharField(_("why it failed"), max_length=300, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()
    history = History(excluded_fields=[*TOKEN_COLUMNS, "mail_state", "mail_at", "mail_error"])
    scope = Scope(customer="user__portal_user__links__customer", portal_user="user__portal_user", many=True)
    take_back = TakeBack(
        kept={
            **never_taken_back(
                _("%(what)s: a link to set a password is never brought back. Send a new one if it is needed.")
            ),
            "remove": _("%(what)s is kept as it is. To stop it, send a new one or suspend the person."),
        }
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_digest"],
                name="one_invitation_per_token",
                violation_error_message=_("There is an invitation with this address already. Send a fresh one."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.user}"

    @property
    def is_good(self) -> bool:
        """Does the link work now?"""
        return self.used_at is None and self.withdrawn_at is None and self.expires_at > timezone.now()

    @property
    def url(self) -> str:
        """The whole address, as it stands in the mail; empty when its token cannot be read any more."""
        return f"{settings.SITE_URL}/join/{self.token}/" if self.token else ""
