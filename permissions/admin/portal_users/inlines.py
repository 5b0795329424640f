"""What hangs on a person: links, templates, looks by staff."""

from __future__ import annotations

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.models import CustomerLink, ViewAs
from console.kit import ConsoleTabularInline
from permissions.models import TemplateAccess


class LinksInline(ConsoleTabularInline[CustomerLink]):
    """For whom this person acts."""

    model = CustomerLink
    verbose_name = gettext_lazy("customer")
    verbose_name_plural = gettext_lazy("customers")
    fields = ("customer", "since")
    readonly_fields = ("since",)
    autocomplete_fields = ("customer",)
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[CustomerLink]:
        return super().get_queryset(request).select_related("customer", "portal_user__user")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    @display(description=gettext_lazy("linked since"))
    def since(self, link: CustomerLink) -> str | None:
        return date_format(timezone.localtime(link.created_at), "DATE_FORMAT") if link.pk else None


class TemplatesInline(ConsoleTabularInline[TemplateAccess]):
    """The templates this person has on top of the defaults, or lacks."""

    model = TemplateAccess
    verbose_name = gettext_lazy("template")
    verbose_name_plural = gettext_lazy("templates")
    fields = ("template", "effect")


class LooksInline(ConsoleTabularInline[ViewAs]):
    """Who of the staff looked through this person's eyes."""

    model = ViewAs
    verbose_name_plural = gettext_lazy("looks by staff")
    fields = ("staff", "started_at", "ended_at")
    readonly_fields = fields
    can_delete = False
    per_page = 10

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ViewAs]:
        return super().get_queryset(request).select_related("staff")

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
