"""What the companion site itself has to remember."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Attempt(models.Model):
    """One use of a form that needs no login, counted so that nobody sends it all day (``portal_site.throttle``).

    ``key``: a fingerprint of an e-mail address or the network address; what it was is not kept.
    """

    purpose = models.CharField(_("purpose"), max_length=20)
    key = models.CharField(_("key"), max_length=64)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(fields=["purpose", "key", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.purpose}, {self.at:%Y-%m-%d %H:%M}"
