"""The list of portal users, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from django.contrib import admin, messages
from django.db import models
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.admin.second_step import SecondStepButton
from accounts.choices import PORTAL_USER_STATE_COLOURS, PortalUserState
from accounts.models import Customer, CustomerLink, Invitation, PortalUser
from accounts.models.people import PortalUserQuerySet
from accounts.own_ids import own_id_of
from accounts.own_password import AsksForPassword
from audit.private_hooks import become
from console.forecast import require_seen_effect
from console.kit import (
    ChoiceFilter,
    ConsoleModelAdmin,
    LookupFilter,
    ScopedSearchFilter,
    badge,
    is_key,
    pick_several,
)
from console.reader import StaffReader
from console.shapes import AnyAdmin, AnyForm, AnyFormSet, AnyInline, AnyRows
from permissions import services
from permissions.admin import rights_pages
from permissions.admin.kept import tell_what_applies_again, tell_what_is_kept
from permissions.admin.overrides import OverridesInline, SheetInline, grid_of
from permissions.admin.portal_users.buttons import PersonsButtons
from permissions.admin.portal_users.effects import all_of, changes_of
from permissions.admin.portal_users.forms import InviteForm, PersonForm
from permissions.admin.portal_users.inlines import LinksInline, LooksInline, TemplatesInline
from permissions.admin.portal_users.letters import Addressee, letter_words, short_time
from permissions.admin.portal_users.many import ManyAtOnce
from permissions.impact import foresee, only_listed_templates
from permissions.models import PermissionOverride, TemplateAccess
from permissions.services import set_only_listed_templates, set_template_access
from permissions.services.portal_users import Invited


class VisitFilter(LookupFilter):
    """When somebody was last there."""

    title = gettext_lazy("Last visit")
    parameter_name = "visit"

    def lookups(self, request: HttpRequest, model_admin: AnyAdmin) -> list[tuple[str, str]]:
        return [("never", _("Never")), ("30", _("Not for 30 days")), ("recent", _("In the last 30 days"))]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> PortalUserQuerySet:
        assert isinstance(queryset, PortalUserQuerySet)
        month_ago = timezone.now() - timedelta(days=30)
        match self.value():
            case "never":
                return queryset.filter(last_seen_at__isnull=True)
            case "30":
                return queryset.filter(last_seen_at__lt=month_ago)
            case "recent":
                return queryset.filter(last_seen_at__gte=month_ago)
        return queryset


class _ListedPortalUser(Protocol):
    """A portal user as the list fetches them."""

    links_shown: list[CustomerLink]


def _customers(person: _ListedPortalUser) -> str:
    # A line for each: a name may hold a comma.
    return "\n".join(link.customer.name for link in person.links_shown)


@admin.register(PortalUser)
class PortalUserAdmin(
    PersonsButtons, ManyAtOnce, SecondStepButton, AsksForPassword[PortalUser], ConsoleModelAdmin[PortalUser]
):
    list_display = ("person", "standing", "customer_names", "last_visit", "invitation_mail")
    list_filter = (
        ("state", ChoiceFilter),
        ("customers", ScopedSearchFilter),
        VisitFilter,
    )
    search_fields = ("user__name_search", "user__email", "user__phone_search")
    search_help_text = gettext_lazy("Name, e-mail or telephone")
    list_select_related = ("user",)
    export_known_by = gettext_lazy("Portico ID")
    export_stays = gettext_lazy("No file changes a person's e-mail address, or takes a customer from a person.")
    export_columns = (
        ("user__full_name", gettext_lazy("Name")),
        ("user__email", gettext_lazy("E-mail")),
        ("user__phone", gettext_lazy("Telephone")),
        (_customers, gettext_lazy("Customers")),
        ("state", gettext_lazy("State")),
        ("last_seen_at", gettext_lazy("Last visit")),
        ("created_at", gettext_lazy("Created")),
        (own_id_of, gettext_lazy("Portico ID")),
    )
    ordering = ("user__full_name",)
    form = PersonForm
    fieldsets = (
        (None, {"fields": (("full_name", "phone"), "email")}),
        (gettext_lazy("Login"), {"fields": (("state_now", "last_visit"), "invitation_mail")}),
        (gettext_lazy("Job templates"), {"fields": ("only_listed_templates",)}),
    )
    add_fieldsets = ((None, {"fields": ("full_name", "email", "phone", "customers_")}),)
    # An invitation asks for the customers; whoever has a login already may act for others too.
    is_judged_when_added = False
    readonly_fields = ("state_now", "last_visit", "invitation_mail")
    inlines = (LinksInline, TemplatesInline, OverridesInline, SheetInline, LooksInline)
    actions = (
        "allow_permission",
        "deny_permission",
        "reset_permission",
        "add_template",
        "remove_template",
        "reset_template",
        "suspend_many",
    )
    actions_detail = (
        "view_as",
        "set_permission",
        "invitation",
        {
            "title": gettext_lazy("More"),
            "items": ("reset_override", "two_factor_off", "suspend", "reactivate", "remove"),
        },
    )
    empty_state = gettext_lazy("No portal user fits. Invite somebody, or enable the portal on a customer.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PortalUser]:
        mine = CustomerLink.objects.visible_to(request.user).select_related("customer")
        letter = (
            Invitation.objects.filter(user=OuterRef("user")).exclude(purpose=Invitation.Purpose.STAFF).order_by("-id")
        )
        return (
            super()
            .get_queryset(request)
            .select_related("user")
            .prefetch_related(Prefetch("links", mine, to_attr="links_shown"))
            .annotate(
                letter_state=Subquery(letter.values("mail_state")[:1]),
                letter_at=Subquery(letter.values("mail_at")[:1]),
                letter_until=Subquery(letter.values("expires_at")[:1]),
                letter_error=Subquery(letter.values("mail_error")[:1]),
            )
        )

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(rights_pages.sheet_page, self))
        return [path("<path:object_id>/rights/", page, name="accounts_portaluser_rights"), *super().get_urls()]

    # --- form

    def get_form(
        self, request: HttpRequest, obj: PortalUser | None = None, change: bool = False, **kwargs: Any
    ) -> type[AnyForm]:
        if obj is not None:
            return super().get_form(request, obj, change=change, **kwargs)
        kwargs["form"] = InviteForm
        form = super().get_form(request, obj, change=change, **kwargs)
        customers = Customer.objects.visible_to(request.user, "change").current()
        field = form.base_fields["customers_"]
        pick_several(field, CustomerLink._meta.get_field("customer"), customers)
        if customer := request.GET.get("customer"):
            field.initial = [customer] if is_key(customer) else None
        return form

    def get_inlines(self, request: HttpRequest, obj: PortalUser | None) -> list[type[AnyInline]]:
        return list(self.inlines) if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: PortalUser | None = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        person = self.record(request, object_id)
        more = {}
        if person and request.user.has_perm("permissions.view_permissionoverride"):
            more = {
                "override_grid": grid_of(person, StaffReader(request.user)),
                "rights_sheet": rights_pages.rights_page_of(person, StaffReader(request.user)),
                "rights_url": reverse("admin:accounts_portaluser_rights", args=[person.pk]),
                "why_url": f"{reverse('admin:why')}?person={person.pk}",
            }
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def history_parts(self, obj: PortalUser) -> dict[type[models.Model], models.Q]:
        """Her account, links, overrides and templates."""
        theirs = models.Q(portal_user_id=obj.pk)
        return {
            type(obj.user): models.Q(id=obj.user_id),
            CustomerLink: theirs,
            PermissionOverride: theirs | models.Q(link_id__in=list(obj.links.values_list("pk", flat=True))),
            TemplateAccess: theirs,
        }

    def save_model(self, request: HttpRequest, obj: PortalUser, form: AnyForm, change: bool) -> None:
        said = form.cleaned_data
        if change:
            services.save_portal_user(
                obj, name=said["full_name"], email=said["email"], phone=said["phone"], by=request.user
            )
            # Saved with what hangs on it, after its effect was seen.
            obj.only_listed_templates = form.initial["only_listed_templates"]
            return
        invited = services.invite_portal_user(
            email=said["email"],
            name=said["full_name"],
            phone=said["phone"],
            customers=said["customers_"],
            by=request.user,
        )
        become(obj, invited.person)
        obj.__dict__["invited"] = invited

    def response_add(self, request: HttpRequest, obj: PortalUser, post_url_continue: str | None = None) -> HttpResponse:
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        invited: Invited = obj.__dict__["invited"]
        messages.success(request, invited.sentence)
        tell_what_applies_again(request, obj.links.filter(customer__in=invited.linked))
        return HttpResponseRedirect(self.change_url(obj))

    def save_related(self, request: HttpRequest, form: AnyForm, formsets: Sequence[AnyFormSet], change: bool) -> None:
        if change:
            reader, only = StaffReader(request.user), None
            changes, decisions = changes_of(formsets, form.instance, reader)
            if "only_listed_templates" in form.changed_data:
                only = bool(form.cleaned_data["only_listed_templates"])
                changes.append(only_listed_templates(only))
            # A refusal rolls back what save_model did: the page comes back as it was typed.
            if changes:
                forecast = foresee([form.instance], all_of(changes), reader)
                forecast.consequences += decisions
                require_seen_effect(request, forecast)
            if only is not None:
                set_only_listed_templates(form.instance, only, by=request.user)
        super().save_related(request, form, formsets, change)

    def save_formset(self, request: HttpRequest, form: AnyForm, formset: AnyFormSet, change: bool) -> None:
        rows = formset.save(commit=False)
        person = form.instance
        if formset.model is CustomerLink:
            for link in formset.deleted_objects:
                services.unlink_customer(link, by=request.user)
            made = [services.link_customer(person, link.customer, by=request.user) for link in rows if link.pk is None]
            tell_what_is_kept(request, formset.deleted_objects)
            tell_what_applies_again(request, made)
        elif formset.model is TemplateAccess:
            for access in formset.deleted_objects:
                set_template_access(person, access.template, None, by=request.user)
            for access in rows:
                set_template_access(person, access.template, access.effect, by=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Portal users are removed, never deleted: their history keeps a name."""
        return False

    # --- columns

    @display(description=gettext_lazy("portal user"), ordering="user__full_name", header=True)
    def person(self, person: PortalUser) -> list[str]:
        return [person.user.full_name, person.user.email]

    @display(description=gettext_lazy("state"), ordering="state", label={**PORTAL_USER_STATE_COLOURS})
    def standing(self, person: PortalUser) -> tuple[str, str]:
        return person.state, person.get_state_display()

    # What the form asks for, for those who may only read.

    @display(description=gettext_lazy("Name"))
    def full_name(self, person: PortalUser) -> str:
        return person.user.full_name

    @display(description=gettext_lazy("E-mail"))
    def email(self, person: PortalUser) -> str:
        return person.user.email

    @display(description=gettext_lazy("Mobile or telephone"))
    def phone(self, person: PortalUser) -> str:
        return person.user.phone

    @display(description=gettext_lazy("state"))
    def state_now(self, person: PortalUser) -> SafeString:
        return badge(person.get_state_display(), PORTAL_USER_STATE_COLOURS[PortalUserState(person.state)])

    @display(description=gettext_lazy("customers"))
    def customer_names(self, person: _ListedPortalUser) -> str:
        names = [link.customer.name for link in person.links_shown]
        shown = ", ".join(names[:3])
        more = len(names) - 3
        return shown + (" " + ngettext("and %d more", "and %d more", more) % more if more > 0 else "")

    @display(description=gettext_lazy("last visit"), ordering="last_seen_at", empty_value=gettext_lazy("never"))
    def last_visit(self, person: PortalUser) -> str | None:
        return short_time(person.last_seen_at) if person.last_seen_at else None

    @display(description=gettext_lazy("invitation"))
    def invitation_mail(self, person: Addressee) -> str:
        return letter_words(person)
