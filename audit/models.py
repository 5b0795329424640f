"""What every row of history carries besides the fields it remembers, and the right to read the log."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.act import Road, current_act


def _road() -> str:
    return current_act().road


def _actor() -> str:
    return current_act().actor[:200]


def _request_id() -> uuid.UUID:
    return current_act().request_id


class HistoryRow(models.Model):
    """The base of every historical model: filled from the act under way, by defaults, so that one row and a
    bulk of rows are written alike."""

    actor = models.CharField(_("by"), max_length=200, default=_actor)
    road = models.CharField(_("road"), max_length=10, choices=Road.choices, default=_road)
    request_id = models.UUIDField(_("request"), default=_request_id, db_index=True)
    # The name of the record at that time, and the customer it concerns: a log that reads without a join.
    label = models.CharField(_("record"), max_length=200, default="")
    customer_ref = models.BigIntegerField(_("customer"), null=True, db_index=True)

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
