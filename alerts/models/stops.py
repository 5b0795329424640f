"""Who wants no more messages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.history import History
from console.scope import Scope, ScopedQuerySet
from jobs.models import Job


class MessageStop(models.Model):
    """Somebody wants no more messages: about one job, or at all."""

    address = models.CharField(_("address"), max_length=254, help_text=_("An e-mail address or a mobile number."))
    job = models.ForeignKey(
        Job,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="message_stops",
        verbose_name=_("job"),
        help_text=_("Empty: no messages at all."),
    )
    made_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="job__customer", template="job__template")

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["address", "job"],
                name="one_stop_per_job",
                violation_error_message=_("This address has already stopped messages about this job."),
            ),
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(job__isnull=True),
                name="one_stop_for_all",
                violation_error_message=_("This address has already stopped all messages."),
            ),
        ]

    def __str__(self) -> str:
        return self.address

    def history_customer_id(self) -> int | None:
        return self.job.customer_id if self.job else None
