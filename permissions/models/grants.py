"""What was granted to narrowed staff: single customers, templates and portal users.

Users, customers and templates are named by string, as Django's own auth does: this app knows none of them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from audit.history import History
from audit.models import SecurityEvent
from audit.watching import Watch
from console.scope import Scope, ScopedQuerySet


class _Grant(UserObjectPermissionBase):
    """One thing a member of staff may do with one record."""

    content_object: Any

    objects: ClassVar = UserObjectPermissionManager.from_queryset(ScopedQuerySet)()
    watched = Watch(SecurityEvent.Kind.RIGHTS_CHANGED)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.content_object}, {self.user}: {self.may}"

    @property
    def may(self) -> str:
        """What it allows, in words."""
        return _t("work with it") if self.permission.codename.startswith("change_") else _t("see it")


class CustomerGrant(_Grant):
    """A member of staff may see, or work with, this customer and what hangs on it."""

    content_object = models.ForeignKey(
        "accounts.Customer", models.CASCADE, related_name="grants", verbose_name=_("customer")
    )
    history = History()
    scope = Scope(customer="content_object")

    class Meta(_Grant.Meta):
        verbose_name = _("customer grant")
        verbose_name_plural = _("customer grants")

    def history_customer_id(self) -> int | None:
        return self.content_object_id


class TemplateGrant(_Grant):
    """A member of staff may see, or work with, this template and its jobs."""

    content_object = models.ForeignKey(
        "templates_app.JobTemplate", models.CASCADE, related_name="grants", verbose_name=_("template")
    )
    history = History()
    scope = Scope(template="content_object")

    class Meta(_Grant.Meta):
        verbose_name = _("template grant")
        verbose_name_plural = _("template grants")


class PortalUserGrant(_Grant):
    """A member of staff may see, or work with, this portal user."""

    content_object = models.ForeignKey(
        "accounts.PortalUser", models.CASCADE, related_name="grants", verbose_name=_("portal user")
    )
    history = History()
    scope = Scope(customer="content_object__links__customer", portal_user="content_object", many=True)

    class Meta(_Grant.Meta):
        verbose_name = _("portal user grant")
        verbose_name_plural = _("portal user grants")
