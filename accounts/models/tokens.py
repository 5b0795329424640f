"""Keys for programs: API tokens, and the answers kept so that a repeated request does nothing twice."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User, Worker
from api.sections import scopes
from audit.excerpts import in_a_row
from audit.history import History
from audit.models import SecurityEvent
from audit.one_line import OneLine
from audit.take_back import TakeBack
from audit.watching import Watch
from console.scope import ScopedQuerySet


class ApiTokenQuerySet(ScopedQuerySet["ApiToken"]):
    def alive(self) -> ApiTokenQuerySet:
        """Tokens that still open the door, as far as they go themselves."""
        return self.filter(expires_at__gt=timezone.now(), revoked_at__isnull=True)


class ApiToken(models.Model):
    """One key of one program. Acts as a member of staff, or as a worker on her own jobs.

    Only a digest is kept: the token itself is shown once, when it is made.
    """

    name = OneLine(_("name"), max_length=80, help_text=_("What uses it: Accounting, the drivers' app."))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="api_tokens",
        verbose_name=_("acts as"),
        help_text=_("It may do what this person may, within its own limits, and is written into history by her name."),
    )
    worker = models.ForeignKey(
        Worker, models.CASCADE, null=True, blank=True, related_name="api_tokens", verbose_name=_("worker")
    )
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("may be used to"), default=list, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = ApiTokenQuerySet.as_manager()
    history = History(excluded_fields=["digest", "last_used_at"])
    watched = Watch(SecurityEvent.Kind.RIGHTS_CHANGED)
    take_back = TakeBack(
        never={
            "remove": _("%(what)s can only be revoked. Do it on its own page."),
            "revert": _("%(what)s: a token that was revoked never opens again. Create a new one."),
            "recreate": _("%(what)s: a token that was deleted never opens again. Create a new one."),
        }
    )

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, worker__isnull=True) | Q(user__isnull=True, worker__isnull=False),
                name="token_of_staff_or_of_worker",
                violation_error_message=_("A token acts as a member of staff or as a worker. Choose one."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def clean(self) -> None:
        if unknown := set(self.scopes) - set(scopes()):
            raise ValidationError({"scopes": _t("Unknown: %s.") % in_a_row(sorted(map(str, unknown)))})

    @property
    def account(self) -> User | None:
        """Who it writes as: its member of staff, or its worker's account, if the worker has one."""
        return self.user or (self.worker.user if self.worker else None)

    @property
    def state(self) -> str:
        """alive, revoked, expired, or off when the person or worker behind it is switched off."""
        if self.revoked_at:
            return "revoked"
        if self.expires_at <= timezone.now():
            return "expired"
        owner = self.user or self.worker
        return "alive" if owner is not None and owner.is_active else "off"


class KeptAnswer(models.Model):
    """What a request with an Idempotency-Key was answered. The same key again gets the same answer."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    take_back = TakeBack(missed=False)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["token", "key"],
                name="one_answer_per_key",
                violation_error_message=_("A request with this key has already been answered."),
            )
        ]

    def __str__(self) -> str:
        return self.key
