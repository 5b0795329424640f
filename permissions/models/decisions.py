"""What the office decided about single people and roles: overrides, template access, what a role may."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history import register

from audit.declarations import LazyFunction
from audit.history import History
from audit.hooks import WATCHED
from audit.models import SecurityEvent
from audit.one_line import OneLine
from audit.take_back import TakeBack
from audit.watching import Watch
from business.catalogue import PORTAL_PERMISSIONS, portal_permission_choices
from console.scope import Scope, ScopedQuerySet


class OverrideQuerySet(ScopedQuerySet["PermissionOverride"]):
    def in_force(self, at: datetime | None = None) -> OverrideQuerySet:
        """Overrides that count at a moment (aware datetime; now if none is given)."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at or timezone.now()))


class PermissionOverride(models.Model):
    """An exception to a default: allow or deny one permission, for one portal user or on one of her links.

    No row means *inherit*. The link's override is asked first, then the person's, then the default.
    """

    class Effect(models.TextChoices):
        ALLOW = "allow", _("Allow")
        DENY = "deny", _("Deny")

    portal_user = models.ForeignKey(
        "accounts.PortalUser",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
        verbose_name=_("portal user"),
    )
    link = models.ForeignKey(
        "accounts.CustomerLink",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
        verbose_name=_("customer link"),
    )
    permission = models.CharField(_("permission"), max_length=40, choices=portal_permission_choices)
    effect = models.CharField(_("effect"), max_length=5, choices=Effect.choices)
    reason = OneLine(_("reason"), max_length=200, blank=True, help_text=_("Why? The next person will ask."))
    ends_at = models.DateTimeField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("Empty: until you remove it. After this minute it stops counting by itself."),
    )

    objects = OverrideQuerySet.as_manager()
    history = History()
    scope = Scope(customer="link__customer", portal_user="portal_user", many=True, whole_person=True)
    watched = Watch(SecurityEvent.Kind.RIGHTS_CHANGED)
    take_back = TakeBack(why_not_by=LazyFunction("permissions.take_back_rules.why_no_override"))

    class Meta:
        verbose_name = _("permission override")
        verbose_name_plural = _("permission overrides")
        ordering = ["permission"]
        constraints = [
            models.CheckConstraint(
                condition=Q(portal_user__isnull=False, link__isnull=True)
                | Q(portal_user__isnull=True, link__isnull=False),
                name="override_on_person_or_on_link",
                violation_error_message=_("An override is for a person or for one of their customers. Choose one."),
            ),
            models.UniqueConstraint(
                fields=["portal_user", "permission"],
                name="one_override_per_person",
                violation_error_message=_("This person has an override for this permission already."),
            ),
            models.UniqueConstraint(
                fields=["link", "permission"],
                name="one_override_per_link",
                violation_error_message=_("This link has an override for this permission already."),
            ),
        ]

    def __str__(self) -> str:
        permission = PORTAL_PERMISSIONS.get(self.permission)
        return f"{self.get_effect_display()}: {permission.label if permission else self.permission}"

    def clean(self) -> None:
        if self.permission not in PORTAL_PERMISSIONS:
            raise ValidationError({"permission": _("There is no such permission.")})

    def history_customer_id(self) -> int | None:
        return self.link.customer_id if self.link_id and self.link else None


class TemplateAccess(models.Model):
    """A template one portal user has on top of the defaults, or lacks in spite of them.

    With ``PortalUser.only_listed_templates`` the added ones are all she has.
    """

    class Effect(models.TextChoices):
        ADD = "add", _("Add")
        REMOVE = "remove", _("Remove")

    portal_user = models.ForeignKey(
        "accounts.PortalUser", models.CASCADE, related_name="template_access", verbose_name=_("portal user")
    )
    template = models.ForeignKey(
        "templates_app.JobTemplate", models.CASCADE, related_name="portal_access", verbose_name=_("template")
    )
    effect = models.CharField(_("effect"), max_length=6, choices=Effect.choices, default=Effect.ADD)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="portal_user__links__customer", template="template", portal_user="portal_user", many=True)
    watched = Watch(SecurityEvent.Kind.RIGHTS_CHANGED)
    take_back = TakeBack(why_not_by=LazyFunction("permissions.take_back_rules.why_no_access"))

    class Meta:
        verbose_name = _("template access")
        verbose_name_plural = _("template access")
        constraints = [
            models.UniqueConstraint(
                fields=["portal_user", "template"],
                name="one_access_per_template",
                violation_error_message=_("This template is on the list already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_effect_display()}: {self.template}"


# Roles are Django's groups; who gave which right to which role is history like everything else.
register(Group, app="permissions", records_class=History, m2m_fields=[Group.permissions.field])
WATCHED.add("auth.Group", Watch(fields=dict.fromkeys(("name", "permissions"), SecurityEvent.Kind.RIGHTS_CHANGED)))
