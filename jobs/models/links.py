"""The unguessable URL of one job, for somebody without a login (PRODUCT.md section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.act import Source
from audit.encryption import digest_of_token
from audit.expressions import Match
from audit.history import History, begin_history
from audit.keyless import KeyCleaner
from audit.take_back import TakeBack
from audit.token_columns import TOKEN_COLUMNS, OpensByToken
from audit.wording import for_the_record
from console.scope import Scope, ScopedQuerySet
from jobs.choices import OPEN, DeadBy, JobStatus
from jobs.link_in_text import (
    ADDRESS,
    MARKS,
    PLACEHOLDER,
    address_of_link,
    mask_addresses,
    possible_tokens,
    up_to_token,
)
from jobs.models.jobs import Job

if TYPE_CHECKING:
    from datetime import datetime


class PortalLinkQuerySet(ScopedQuerySet["PortalLink"]):
    def alive(self, at: datetime | None = None) -> PortalLinkQuerySet:
        """Links that open at a moment (now if none is given). Says the same as ``PortalLink.why_dead``."""
        moment = at or timezone.now()
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=moment), revoked_at__isnull=True, job__status__in=OPEN
        )

    def copyable_by(self, user: User | AnonymousUser) -> PortalLinkQuerySet:
        """Links that open, and whose addresses this member of staff may have."""
        return self.alive().visible_to(user, "change")

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


def hide_addresses(text: str, record: models.Model | None, field: str) -> str:
    """A text that is about to be saved, without the addresses of our portal links: one query if there are any. For
    ``audit.keyless``, and texts that hold one of ``MARKS``.

    In a job's notes the address of its own link becomes the placeholder. That of another job's becomes words; its
    number is named if both are of one customer. In any other text, and inside another address, only the token goes.
    """
    digests = {token: digest_of_token(token) for match in ADDRESS.finditer(text) for token in possible_tokens(match[1])}
    if not digests:
        return text
    links = PortalLink.objects.filter(token_digest__in=digests.values()).select_related("job")
    jobs = {link.token_digest: link.job for link in links}
    notes_of = record if isinstance(record, Job) and field == "notes" else None

    def instead(match: Match) -> str:
        token = next((token for token in possible_tokens(match[1]) if digests[token] in jobs), None)
        if token is None:
            return match[0]
        job = jobs[digests[token]]
        address, behind = up_to_token(match, token)
        if notes_of is None or "/l/" not in address:
            return address.replace(token, "…") + behind
        if job.pk == notes_of.pk:
            return PLACEHOLDER + behind
        same = job.customer_id == notes_of.customer_id
        words = for_the_record(_("(portal link of %s)"), job.number) if same else for_the_record(_("(portal link)"))
        return words + behind

    return ADDRESS.sub(instead, text)


class PortalLink(OpensByToken):
    """One link to one job. It dies with the job, by hand, or of age."""

    job = models.ForeignKey(
        Job,
        models.CASCADE,
        related_name="portal_links",
        verbose_name=_("job"),
        db_constraint=False,  # written and removed while the job is locked
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    made_by = models.CharField(_("made by"), max_length=200, blank=True, editable=False)
    made_source = models.CharField(
        _("by way of"), max_length=10, choices=Source.choices, default=Source.SYSTEM, editable=False
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
        excluded_fields=[*TOKEN_COLUMNS, "first_opened_at", "last_opened_at", "opened_count"],
        no_db_index=["revoked_by"],
        user_db_constraint=False,
    )
    scope = Scope(customer="job__customer", template="job__template")
    in_texts = KeyCleaner(MARKS, hide_addresses, mask_addresses)
    take_back = TakeBack(
        never={
            "recreate": _("%(what)s: a portal link that was revoked never opens again. Issue a new link for the job."),
            "remove": _("%(what)s can only be revoked. Do it on its own page."),
        },
        # Whoever revoked it may come back, and it stays as it is.
        kept={
            "revert": _("%(what)s: a portal link that was revoked never opens again. Issue a new link for the job."),
        },
    )

    class Meta:
        verbose_name = _("portal link")
        verbose_name_plural = _("portal links")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_digest"],
                name="one_portal_link_per_token",
                violation_error_message=_("There is a portal link with this address already. Re-issue it."),
            )
        ]

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
        """The whole address, to be sent to somebody; empty when its token cannot be read any more."""
        return address_of_link(self.token) if self.token else ""

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

    # Of the token somebody came with, whether or not there is a link of it.
    token_digest = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True, db_index=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    succeeded = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("portal link attempt")
        verbose_name_plural = _("portal link attempts")
        indexes = [models.Index(fields=["token_digest"], name="jobs_attempt_by_token")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {'✓' if self.succeeded else '✗'}"
