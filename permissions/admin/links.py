"""Customer links: one portal user, one customer, and what differs for the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.admin.counting import related_count
from accounts.choices import PORTAL_USER_STATE_COLOURS
from accounts.models import CustomerLink
from audit.private_hooks import become
from business.catalogue import PORTAL_PERMISSIONS
from console.kit import ConsoleModelAdmin, ScopedSearchFilter, console_action, shown_to
from console.reader import StaffReader
from console.shapes import AnyForm, AnyInline
from permissions import services
from permissions.admin.kept import require_seen_decisions, tell_what_applies_again, tell_what_is_kept
from permissions.admin.overrides import OverridesInline, SetLinkPermissionForm, grid_of
from permissions.models import PermissionOverride


class _CountedLink(Protocol):
    """A link with how many overrides count on it."""

    override_count: int


class LinkOverridesInline(OverridesInline):
    fk_name = "link"


@admin.register(CustomerLink)
class CustomerLinkAdmin(ConsoleModelAdmin[CustomerLink]):
    list_display = ("person", "customer", "standing", "overrides_", "created_at")
    list_filter = (("customer", ScopedSearchFilter), ("portal_user", ScopedSearchFilter))
    search_fields = ("portal_user__user__name_search", "portal_user__user__email", "customer__name_search")
    search_help_text = gettext_lazy("Person, e-mail or customer")
    list_select_related = ("portal_user__user", "customer")
    autocomplete_fields = ("portal_user", "customer")
    fields = (("portal_user", "customer"), "created_at")
    readonly_fields = ("created_at",)
    actions_detail = ("set_permission",)
    empty_state = gettext_lazy("Nobody is linked to a customer yet. Link people on the page of the customer.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[CustomerLink]:
        overrides = shown_to(PermissionOverride.objects.in_force(), request.user)
        rows = super().get_queryset(request).select_related("portal_user__user", "customer")
        return rows.annotate(override_count=related_count(overrides, "link"))

    def get_inlines(self, request: HttpRequest, obj: CustomerLink | None) -> list[type[AnyInline]]:
        return [LinkOverridesInline] if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: CustomerLink | None = None) -> tuple[str, ...]:
        # A link is made or taken away; it never moves to another person or customer.
        return ("portal_user", "customer", "created_at") if obj else ("created_at",)

    def get_fields(self, request: HttpRequest, obj: CustomerLink | None = None) -> tuple[str | tuple[str, ...], ...]:
        return self.fields if obj else ("portal_user", "customer")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        link = self.record(request, object_id)
        more = {"override_grid": grid_of(link.portal_user, StaffReader(request.user), only=link)} if link else {}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: CustomerLink, form: AnyForm, change: bool) -> None:
        if not change:
            require_seen_decisions(request, [(obj.portal_user, obj.customer)])
            made = services.link_customer(obj.portal_user, obj.customer, by=request.user)
            become(obj, made)
            tell_what_applies_again(request, [made])

    def get_deleted_objects(
        self, objs: Sequence[CustomerLink] | models.QuerySet[CustomerLink], request: HttpRequest
    ) -> Any:
        if "post" not in request.POST:
            # The page that asks says what is kept, as the one behind it does.
            tell_what_is_kept(request, objs)
        return super().get_deleted_objects(objs, request)

    def delete_model(self, request: HttpRequest, obj: CustomerLink) -> None:
        services.unlink_customer(obj, by=request.user)
        tell_what_is_kept(request, [obj])

    @display(description=gettext_lazy("portal user"), ordering="portal_user__user__full_name", header=True)
    def person(self, link: CustomerLink) -> list[str]:
        return [str(link.portal_user), link.portal_user.user.email]

    @display(description=gettext_lazy("state"), label={**PORTAL_USER_STATE_COLOURS})
    def standing(self, link: CustomerLink) -> tuple[str, str]:
        return link.portal_user.state, link.portal_user.get_state_display()

    @display(description=gettext_lazy("overrides"), ordering="override_count")
    def overrides_(self, link: _CountedLink) -> str:
        return str(link.override_count or "–")

    @console_action(
        permission="permissions.change_permissionoverride",
        description=gettext_lazy("Set a permission"),
        text=gettext_lazy("It counts for this customer only, and before what is set for all customers."),
        submit=gettext_lazy("Save"),
        form_class=SetLinkPermissionForm,
        icon="rule",
    )
    def set_permission(self, request: HttpRequest, obj: CustomerLink, form: SetLinkPermissionForm) -> str:
        override = form.save(request.user)
        label = PORTAL_PERMISSIONS[form.cleaned_data["permission"]].label
        if override is None:
            return _("“%(label)s” is inherited again.") % {"label": label}
        return _("“%(label)s”: %(effect)s.") % {"label": label, "effect": override.get_effect_display()}
