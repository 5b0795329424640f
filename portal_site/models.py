"""What the companion site itself has to remember."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models import Job


class Submission(models.Model):
    """One form that was sent, so that sending it twice finds what was made the first time.

    ``token``: written into the form when it was shown. Made in the transaction that makes the jobs: whoever comes
    second waits, and then meets the constraint.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    token = models.CharField(_("token"), max_length=40)
    job = models.ForeignKey(Job, models.CASCADE, null=True, related_name="+", verbose_name=_("first job"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "token"],
                name="one_submission_per_press",
                violation_error_message=_("This form has already been sent."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.at:%Y-%m-%d %H:%M}"


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
