"""Channels that nothing is sent by for the time being, because the carrier refuses us."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from alerts.choices import Channel
from background.claims import Claimed


class ChannelHoldQuerySet(models.QuerySet["ChannelHold"]):
    def open(self) -> Self:
        """Those that last: their channels are held."""
        return self.filter(ended_at__isnull=True)

    def to_try(self, at: datetime) -> Self:
        """Those whose channel may be tried with one message at a moment (aware), and that nobody is trying."""
        return self.open().filter(ChannelHold.silent(at), next_try_at__lte=at)


class ChannelHold(Claimed):
    """One time during which a channel was held: since when, why, how often it was tried, until when.

    Kept when it is over, as its own history. Whoever tries the channel has it in hand (``Claimed``), so that there is
    one trial at a time.
    """

    # No longer than one message can take (``Delivery.SILENCE_OF_A_CARRIER``).
    SILENCE = timedelta(minutes=5, seconds=settings.EMAIL_SECONDS_TO_ACCEPT)

    # Where the administrator mends it, as the sentences for the office name it.
    SETTINGS: ClassVar[dict[str, str]] = {Channel.EMAIL: "EMAIL_URL", Channel.SMS: "TWILIO_ACCOUNT_SID"}

    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    why = models.CharField(_("why"), max_length=400)
    # Of the carrier, in its own language; may hold the name of the account.
    words = models.CharField(_("the server's words"), max_length=400, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tried_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next attempt"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = ChannelHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("held channel")
        verbose_name_plural = _("held channels")
        ordering = ["-id"]
        permissions = [("try_channelhold", "Can have a held channel tried at once")]
        constraints = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=Q(ended_at__isnull=True),
                name="one_hold_per_channel",
                violation_error_message=_("This channel is held already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.get_channel_display())

    @property
    def is_open(self) -> bool:
        """Is the channel held by it now?"""
        return self.ended_at is None

    @property
    def reason(self) -> str:
        """Why, in the language of who reads it."""
        return _t(self.why)
