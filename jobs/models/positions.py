"""Where workers were, for a while."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Worker
from audit.take_back import TakeBack
from console.scope import ScopedQuerySet


class WorkerPosition(models.Model):
    """Where one worker was at one moment, exactly. Forgotten after a while (``WORKER_POSITION_DAYS``).

    Customers see it rounded, and only while the worker is on their job: ``jobs.services.position_for``.
    """

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="positions", verbose_name=_("worker"))
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = ScopedQuerySet.as_manager()
    take_back = TakeBack(missed=False)

    class Meta:
        verbose_name = _("worker position")
        verbose_name_plural = _("worker positions")
        default_permissions = ("view",)
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["worker", "-at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.worker}, {self.at:%Y-%m-%d %H:%M}"
