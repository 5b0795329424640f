"""The unguessable URL of one job, for somebody without a login (PRODUCT.md section 6)."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.act import Road
from audit.history import History, begin_history
from audit.wording import for_the_record
from jobs.choices import OPEN, DeadBy, JobStatus
from jobs.models.jobs import Job
from permissions.scope import Scope, ScopedQuerySet

if TYPE_CHECKING:
    from datetime import datetime


# Of the column; whatever is longer is no token of ours.
TOKEN_LENGTH = 64


def new_token() -> str:
    """32 characters of 192 random bits: not to be guessed, short enough for a text message."""
    return secrets.token_urlsafe(24)


@lru_cache(maxsize=8)
def _address_around(site: str, urlconf: str, token: str) -> tuple[str, str]:
    before, after = reverse("portal_site:guest", args=[token]).split(token)
    return site + before, after


def address_of_link(token: str) -> str:
    """The whole address of the portal link with that token."""
    before, after = address_around_token()
    return f"{before}{token}{after}"


def address_around_token() -> tuple[str, str]:
    """What stands before and behind the token in the address of a link."""
    return _address_around(settings.SITE_URL, settings.ROOT_URLCONF, "A" * 32)


def note_around_token() -> tuple[str, str]:
    """What stands before and behind the token in the line by which a job's notes name its portal link."""
    before, after = address_around_token()
    said_before, said_after = for_the_record(_("Portal access: %s")).split("%s")
    return said_before + before, after + said_after


def note_of_link(token: str) -> str:
    """The line by which a job's notes name its portal link."""
    before, after = note_around_token()
    return f"{before}{token}{after}"


def is_note_of_link(line: str) -> bool:
    """Is that line of a job's notes one that names its portal link, in whatever language it was written?"""
    return address_around_token()[0] in line


class PortalLinkQuerySet(ScopedQuerySet):
    def alive(self, at: datetime | None = None) -> PortalLinkQuerySet:
        """Links that open at a moment (now if none is given). Says the same as ``PortalLink.why_dead``."""
        moment = at or timezone.now()
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=moment), revoked_at__isnull=True, job__status__in=OPEN
        )

    def dead(self, by: DeadBy | str = "") -> PortalLinkQuerySet:
        """Links that do not open now; those that died of one thing if it is named. Says what ``PortalLink.dead_by``
        says."""
        if not by:
            return self.exclude(pk__in=PortalLink.objects.alive().values("pk"))
        match DeadBy(by):
            case DeadBy.REVOKED:
                return self.filter(revoked_at__isnull=False)
            case DeadBy.COMPLETED:
                return self.filter(revoked_at__isnull=True, job__status=JobStatus.COMPLETED)
            case DeadBy.CANCELLED:
                return self.filter(revoked_at__isnull=True, job__status=JobStatus.CANCELLED)
        return self.filter(expires_at__lte=timezone.now(), revoked_at__isnull=True, job__status__in=OPEN)


class PortalLink(models.Model):
    """One link to one job. It dies with the job, by hand, or of age."""

    job = models.ForeignKey(
        Job,
        models.CASCADE,
        related_name="portal_links",
        verbose_name=_("job"),
        db_constraint=False,  # written and removed while the job is locked
    )
    token = models.CharField(_("token"), max_length=TOKEN_LENGTH, unique=True, default=new_token, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    made_by = models.CharField(_("made by"), max_length=200, blank=True, editable=False)
    made_road = models.CharField(
        _("by way of"), max_length=10, choices=Road.choices, default=Road.SYSTEM, editable=False
    )
    expires_at = models.DateTimeField(_("dies at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("revoked by"),
        db_index=False,
    )
    first_opened_at = models.DateTimeField(_("first opened"), null=True, blank=True, editable=False)
    last_opened_at = models.DateTimeField(_("last opened"), null=True, blank=True, editable=False)
    opened_count = models.PositiveIntegerField(_("times opened"), default=0, editable=False)

    objects = PortalLinkQuerySet.as_manager()
    # How it was made the row itself says; made and removed along with its job, it has no history of its own.
    history = History(
        part_of="job",
        excluded_fields=["token", "first_opened_at", "last_opened_at", "opened_count"],
        no_db_index=["revoked_by"],
        user_db_constraint=False,
    )
    scope = Scope(customer="job__customer", template="job__template")

    class Meta:
        verbose_name = _("portal link")
        verbose_name_plural = _("portal links")
        ordering = ["-id"]

    def __str__(self) -> str:
        return gettext("Portal link of %s") % self.job.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves it; its history begins with the first change."""
        if not self._state.adding:
            begin_history(self)
        super().save(*args, **kwargs)

    def history_customer_id(self) -> int | None:
        return self.job.customer_id

    @property
    def url(self) -> str:
        """The whole address, to be sent to somebody."""
        return address_of_link(self.token)

    @property
    def dead_by(self) -> DeadBy | None:
        """Why the link no longer opens; None while it is alive. Needs ``job`` loaded."""
        if self.revoked_at:
            return DeadBy.REVOKED
        if self.job.status == JobStatus.COMPLETED:
            return DeadBy.COMPLETED
        if self.job.status == JobStatus.CANCELLED:
            return DeadBy.CANCELLED
        if self.expires_at and self.expires_at <= timezone.now():
            return DeadBy.AGE
        return None

    @property
    def why_dead(self) -> str:
        """Why the link no longer opens, in words; empty while it is alive. Needs ``job`` loaded."""
        reason = self.dead_by
        return str(reason.label) if reason else ""


class PortalLinkAttempt(models.Model):
    """One try to prove oneself at a link: counted per link and per address, across restarts."""

    token = models.CharField(max_length=TOKEN_LENGTH, db_index=True)
    address = models.GenericIPAddressField(null=True, db_index=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    succeeded = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("portal link attempt")
        verbose_name_plural = _("portal link attempts")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {'✓' if self.succeeded else '✗'}"
