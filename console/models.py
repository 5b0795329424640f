"""The files of lists that staff asked for, and the forms that were sent."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.take_back import TakeBack
from background.claims import Claimed
from console.scope import Scope, ScopedQuerySet


class ListExportQuerySet(ScopedQuerySet["ListExport"]):
    def waiting(self) -> ListExportQuerySet:
        """Those that are not written yet."""
        return self.filter(state__in=(ListExport.State.WAITING, ListExport.State.WRITING))

    def abandoned(self) -> ListExportQuerySet:
        """Those of them that nobody writes: never taken up, or their worker fell silent."""
        return self.waiting().filter(ListExport.silent())


class ListExport(Claimed):
    """A long list that the worker writes into a file, for the person who asked and nobody else.

    ``source``: which list ("jobs.job", "changelog"); ``query``: its filters, as in its address; ``columns``: names of
    those asked for; ``convention``: of audit.conventions.

    The rows are read when it is written, by the rights its owner has then.
    """

    # The task that a worker is woken for, with the export's key.
    TASK = "console.tasks.write_export"
    SILENCE = timedelta(minutes=2)
    # After so many workers that died over it we give up.
    TRIES = 3

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WRITING = "writing", _("Being written")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_exports", verbose_name=_("asked for by")
    )
    source = models.CharField(_("source"), max_length=80, editable=False)
    title = models.CharField(_("list"), max_length=120)
    query = models.TextField(_("filters"), blank=True, editable=False)
    columns = models.JSONField(_("columns"), default=list, editable=False)
    format = models.CharField(_("format"), max_length=8)
    convention = models.CharField(_("convention"), max_length=12, default="plain", editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    file = models.FileField(_("file"), upload_to="exports", blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    problem = models.TextField(_("what went wrong"), blank=True)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    finished_at = models.DateTimeField(_("written"), null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, db_index=True)

    objects = ListExportQuerySet.as_manager()
    scope = Scope(owner="owner")

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.title} ({self.format.upper()})"

    @property
    def is_expired(self) -> bool:
        """Was it kept long enough?"""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def percent(self) -> int:
        """How far it is."""
        return min(100, round(100 * self.rows_done / self.rows_total)) if self.rows_total else 0


class SentForm(models.Model):
    """A form that was sent, so that sending it again finds what was made of it (``console.once``).

    ``form``: which one; ``key``: drawn when it was shown. ``kind`` and ``record_key``: the record it made. Written in
    the transaction that makes it: whoever comes second waits, and then meets the constraint.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    form = models.CharField(_("form"), max_length=200, editable=False)
    key = models.CharField(_("key"), max_length=40, editable=False)
    digest = models.CharField(_("fingerprint"), max_length=64, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=80, blank=True, editable=False)
    record_key = models.CharField(_("record"), max_length=40, blank=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    take_back = TakeBack(missed=False)

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "form", "key"],
                name="one_form_per_key",
                violation_error_message=_("This form has already been sent."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.form}, {self.at:%Y-%m-%d %H:%M}"
