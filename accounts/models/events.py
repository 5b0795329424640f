"""What happened to an account, and concerns more people than read its history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import AccountEventKind
from accounts.models.payloads import AccountPayload, account_payload_of
from audit.events import RecordedEvent
from audit.take_back import TakeBack


class AccountEvent(RecordedEvent):
    """One fact about one account: a portal user was invited, a new password was asked for.

    Holds no token: the mail of an event gets its link when it goes out (``accounts.letters``).
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="events", verbose_name=_("account")
    )
    kind = models.CharField(_("what"), max_length=30, choices=AccountEventKind.choices)

    # The ledger says the same for longer.
    take_back = TakeBack(missed=False)

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("account events")
        ordering = ["at", "id"]
        # Written by Portico, read as messages, which say who may see them: there is nothing to allow.
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], condition=Q(announced_at__isnull=True), name="account_event_unannounced"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.at:%Y-%m-%d %H:%M})"

    @property
    def payload(self) -> AccountPayload:
        """What the kind needs."""
        return account_payload_of(self.kind, self.data)
