"""What portal users want to hear of one job."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from alerts.choices import Channel, JobAlertWhen
from audit.history import History
from audit.one_line import Header
from console.scope import Scope, ScopedQuerySet
from jobs.models import Job


class JobAlertQuerySet(ScopedQuerySet["JobAlert"]):
    def set_by(self, job: Job, user: User | AnonymousUser | None) -> Self:
        """What one person asked for on a job."""
        return self.filter(job=job, made_by=user)


class JobAlert(models.Model):
    """A portal user wants messages about one job sent to an address: hers, or somebody's on the site."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="job_alerts", verbose_name=_("job"))
    channel = models.CharField(
        _("channel"), max_length=10, choices=[(one.value, one.label) for one in (Channel.EMAIL, Channel.SMS)]
    )
    address = models.CharField(_("address"), max_length=254)
    subject = Header(
        _("subject"),
        max_length=100,
        blank=True,
        help_text=_("Of the mails. Empty: the office's words for each moment."),
    )
    on_scheduled = models.BooleanField(_("when scheduled"), default=False)
    on_started = models.BooleanField(_("when started"), default=False)
    on_completed = models.BooleanField(_("when completed"), default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=_("asked by")
    )
    made_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    # May who asked know who comes? Found out when a message is written (alerts.job_alerts.alerts_on_jobs).
    shows_worker = False

    objects = JobAlertQuerySet.as_manager()
    history = History()
    scope = Scope(customer="job__customer", template="job__template")

    class Meta:
        verbose_name = _("job alert")
        verbose_name_plural = _("job alerts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "channel", "address", "made_by"],
                name="one_job_alert_per_address",
                violation_error_message=_("This address already gets these messages about this job."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.job.number}: {self.address}"

    def history_customer_id(self) -> int | None:
        return self.job.customer_id

    @property
    def when(self) -> list[JobAlertWhen]:
        """The moments it is about."""
        return [one for one in JobAlertWhen if getattr(self, f"on_{one.value}")]
