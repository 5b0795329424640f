"""What every row of history carries besides the fields it remembers, and the right to read the log."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.act import Source, current_act

if TYPE_CHECKING:
    from datetime import datetime

    from audit.private_hooks import Field


def _source() -> str:
    return current_act().source


# Migrations of before name it so.
_road = _source


def _actor() -> str:
    return current_act().actor[:200]


def _request_id() -> uuid.UUID:
    return current_act().request_id


class HistoryRow(models.Model):
    """The base of every historical model: filled from the act under way, by defaults, so that one row and a
    bulk of rows are written alike."""

    actor = models.CharField(_("by"), max_length=200, default=_actor)
    # Not "source": the record may have a field of that name, which stands beside it in the row.
    history_source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=_source)
    request_id = models.UUIDField(_("request"), default=_request_id, db_index=True)
    # The name of the record at that time, and the customer it concerns: a log that reads without a join.
    label = models.CharField(_("record"), max_length=200, default="")
    customer_ref = models.BigIntegerField(_("customer"), null=True, db_index=True)

    if TYPE_CHECKING:
        # What simple-history adds to each historical model, and ``audit.history`` to that. Rows are found by the fields
        # of the model whose history they are.
        objects: ClassVar[models.Manager[Any]]
        history_id: int
        history_date: datetime
        history_type: str
        history_change_reason: str | None
        tracked_fields: ClassVar[tuple[Field, ...]]
        instance_type: ClassVar[type[models.Model]]
        part_of: ClassVar[str]

    class Meta:
        abstract = True


class ChangeLog(models.Model):
    """No table: the change log is read off all histories. Carries the right to see it."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = [("restore_changelog", "Can take back what a request changed")]
        verbose_name = verbose_name_plural = _("change log")

    def __str__(self) -> str:
        return str(_("Change log"))


class SecurityEvent(models.Model):
    """What an administrator may be asked about after an attack: counted by kind, by whom, from where and by minute.

    One row for the first of its kind in a minute; the next ones raise ``times``. Rows are written by
    ``audit.security_events`` and forgotten by its sweep; nobody changes or deletes one by hand.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Sign-in")
        SIGN_IN_FAILED = "sign_in_failed", _("Failed sign-in")
        SIGN_IN_PAUSED = "sign_in_paused", _("Sign-in paused")
        OWN_PASSWORD_FAILED = "own_password_failed", _("Wrong own password")
        SECOND_STEP_FAILED = "second_step_failed", _("Wrong two-factor code")
        THROTTLED = "throttled", _("Too many requests")
        PAGE_REFUSED = "page_refused", _("Page refused")
        TOKEN_REFUSED = "token_refused", _("Link or token refused")
        VIEW_AS_STARTED = "view_as_started", _("View as started")
        VIEW_AS_ENDED = "view_as_ended", _("View as ended")
        RIGHTS_CHANGED = "rights_changed", _("Rights changed")
        EXPORTED = "exported", _("Export")
        SECOND_STEP_ON = "second_step_on", _("Two-factor sign-in on")
        SECOND_STEP_OFF = "second_step_off", _("Two-factor sign-in off")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        PASSWORD_LINK = "password_link", _("Password link requested")
        ADDRESS_CHANGED = "address_changed", _("Sign-in address changed")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, editable=False)
    first_at = models.DateTimeField(_("first"), editable=False)
    last_at = models.DateTimeField(_("last"), db_index=True, editable=False)
    times = models.PositiveIntegerField(_("times"), default=1, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("account"),
    )
    actor = models.CharField(_("by"), max_length=200, editable=False)
    address = models.GenericIPAddressField(_("network address"), null=True, editable=False)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, editable=False)
    about = models.CharField(_("about"), max_length=200, editable=False)
    detail = models.CharField(_("details"), max_length=300, editable=False)
    path = models.CharField(_("page"), max_length=200, editable=False)
    request_id = models.UUIDField(_("request"), editable=False)
    # What is counted together: see audit.security_events.
    minute = models.DateTimeField(editable=False)
    network = models.CharField(max_length=39, editable=False)
    key = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        # Written by Portico, read by people: there is nothing else to allow.
        default_permissions = ("view",)
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ["-last_at", "-id"]
        indexes = [
            models.Index(fields=["kind", "minute", "network"], name="security_event_counted"),
            models.Index(fields=["kind", "-last_at"], name="security_event_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about or self.actor}"
