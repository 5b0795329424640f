"""Portal users: people with a login to the companion site, for whom they act, and what they may do."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.db import models
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectMultipleFilter, ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts import services
from accounts.admin import rights_pages
from accounts.admin.customers import ReasonForm
from accounts.admin.overrides import (
    OverridesInline,
    ResetOverrideForm,
    SetPermissionForm,
    SheetInline,
    grid_of,
    templates_of,
)
from accounts.admin.second_step import SecondStepButton
from accounts.choices import PORTAL_USER_STATE_COLOURS, PortalUserState
from accounts.models import Customer, CustomerLink, Invitation, PortalUser, User, ViewAs
from permissions.catalogue import PORTAL_PERMISSIONS, portal_permission_choices
from permissions.console import (
    ConsoleModelAdmin,
    ConsoleTabularInline,
    DialogForm,
    badge,
    console_action,
    console_bulk_action,
    is_key,
    pick_several,
)
from permissions.effects import EffectForm, in_words, insist_effect_was_seen
from permissions.impact import (
    Change,
    Forecast,
    activity,
    foresee,
    linked,
    only_listed_templates,
    override_on_person,
    template_access,
    unlinked,
)
from permissions.models import PermissionOverride, TemplateAccess
from permissions.services import set_only_listed_templates, set_override, set_template_access

WAITING_STATES = (PortalUserState.INVITED, PortalUserState.AWAITING)


class InviteForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who is invited, and for which customers."""

    full_name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("Gets the invitation, and is what this person signs in with."),
        widget=UnfoldAdminEmailInputWidget,
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile or telephone"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )
    customers_ = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Customers"),
        queryset=Customer.objects.none(),
        required=False,
        help_text=gettext_lazy("For whom this person acts. You can add more later."),
    )

    class Meta:
        model = PortalUser
        fields = ()


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """The person behind the login."""

    full_name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("What this person signs in with. A new address signs her out everywhere."),
        widget=UnfoldAdminEmailInputWidget,
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile or telephone"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = PortalUser
        fields = ("only_listed_templates",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            user = self.instance.user
            self.initial = {
                **self.initial,
                "full_name": user.full_name,
                "email": user.email,
                "phone": user.phone,
            }

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exclude(pk=self.instance.user_id).exists():
            raise forms.ValidationError(_("This address has an account already."))
        return email


class LinksInline(ConsoleTabularInline):
    """For whom this person acts."""

    model = CustomerLink
    verbose_name = gettext_lazy("customer")
    verbose_name_plural = gettext_lazy("customers")
    fields = ("customer", "since")
    readonly_fields = ("since",)
    autocomplete_fields = ("customer",)
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("customer", "portal_user__user")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("linked since"))
    def since(self, link: CustomerLink) -> Any:
        return date_format(timezone.localtime(link.created_at), "DATE_FORMAT") if link.pk else None


class TemplatesInline(ConsoleTabularInline):
    """The templates this person has on top of the defaults, or lacks."""

    model = TemplateAccess
    verbose_name = gettext_lazy("template")
    verbose_name_plural = gettext_lazy("templates")
    fields = ("template", "effect")


class LooksInline(ConsoleTabularInline):
    """Who of the staff looked through this person's eyes."""

    model = ViewAs
    verbose_name_plural = gettext_lazy("looks by staff")
    fields = ("staff", "started_at", "ended_at")
    readonly_fields = fields
    can_delete = False
    per_page = 10

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("staff")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InvitationForm(DialogForm):
    """Shows the link, to be copied into another message."""

    link = forms.CharField(
        label=gettext_lazy("Link"),
        required=False,
        help_text=gettext_lazy("Opens the page where this person sets a password. Give it to nobody else."),
        widget=UnfoldAdminTextInputWidget(attrs={"readonly": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for_portal = (Invitation.Purpose.INVITATION, Invitation.Purpose.ACTIVATION)
        mine = Invitation.objects.filter(user__portal_user=self.object_id, purpose__in=for_portal, user__is_staff=False)
        invitation = mine.first()
        if invitation is not None and invitation.is_good:
            self.initial["link"] = invitation.url
            self.fields["link"].initial = invitation.url
        else:
            del self.fields["link"]


class BulkPermissionForm(EffectForm):
    """One permission for many people."""

    allows: bool | None = None

    permission = forms.ChoiceField(
        label=gettext_lazy("Permission"), choices=portal_permission_choices, widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=200, widget=UnfoldAdminTextInputWidget
    )

    def forecast(self) -> Forecast | None:
        code = self.chosen("permission")
        if code not in PORTAL_PERMISSIONS:
            return None
        return foresee(self.obj, override_on_person(code, self.allows))


class AllowForm(BulkPermissionForm):
    allows = True


class DenyForm(BulkPermissionForm):
    allows = False


class BulkTemplateForm(EffectForm):
    """One template for many people."""

    effect: str | None = None

    template: Any = forms.ModelChoiceField(
        label=gettext_lazy("Template"), queryset=None, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = templates_of(self.request.user)

    def forecast(self) -> Forecast | None:
        chosen = str(self.chosen("template") or "")
        known = chosen.isdecimal() and templates_of(self.request.user).filter(pk=chosen).exists()
        return foresee(self.obj, template_access(int(chosen), self.effect)) if known else None


class AddTemplateForm(BulkTemplateForm):
    effect = TemplateAccess.Effect.ADD.value


class RemoveTemplateForm(BulkTemplateForm):
    effect = TemplateAccess.Effect.REMOVE.value


class BulkSuspendForm(EffectForm):
    """Why so many are kept out."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=200, widget=UnfoldAdminTextInputWidget
    )

    def forecast(self) -> Forecast:
        return foresee(self.obj, activity(False))


class VisitFilter(DropdownFilter):
    """When somebody was last there."""

    title = gettext_lazy("Last visit")
    parameter_name = "visit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("never", _("Never")), ("30", _("Not for 30 days")), ("recent", _("In the last 30 days"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        month_ago = timezone.now() - timedelta(days=30)
        match self.value():
            case "never":
                return queryset.filter(last_seen_at__isnull=True)
            case "30":
                return queryset.filter(last_seen_at__lt=month_ago)
            case "recent":
                return queryset.filter(last_seen_at__gte=month_ago)
        return queryset


def _customers(person: Any) -> list[str]:
    return [link.customer.name for link in person.links_shown]


@admin.register(PortalUser)
class PortalUserAdmin(SecondStepButton, ConsoleModelAdmin):
    list_display = ("person", "standing", "customer_names", "last_visit", "invitation_mail")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("customers", AutocompleteSelectMultipleFilter),
        VisitFilter,
    )
    search_fields = ("user__full_name", "user__email", "user__phone")
    search_help_text = gettext_lazy("Name, e-mail or telephone")
    list_select_related = ("user",)
    export_columns = (
        ("user__full_name", gettext_lazy("Name")),
        ("user__email", gettext_lazy("E-mail")),
        ("user__phone", gettext_lazy("Telephone")),
        (_customers, gettext_lazy("Customers")),
        ("state", gettext_lazy("State")),
        ("last_seen_at", gettext_lazy("Last visit")),
        ("created_at", gettext_lazy("Created")),
    )
    ordering = ("user__full_name",)
    form = PersonForm
    fieldsets = (
        (None, {"fields": (("full_name", "phone"), "email")}),
        (gettext_lazy("Login"), {"fields": (("state_now", "last_visit"), "invitation_mail")}),
        (gettext_lazy("Job templates"), {"fields": ("only_listed_templates",)}),
    )
    add_fieldsets = ((None, {"fields": ("full_name", "email", "phone", "customers_")}),)
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

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
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

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(partial(rights_pages.sheet_page, self))
        return [path("<path:object_id>/rights/", page, name="accounts_portaluser_rights"), *super().get_urls()]

    # --- form

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
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

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        person = self.record(request, object_id)
        more = {}
        if person and request.user.has_perm("permissions.view_permissionoverride"):
            more = {
                "override_grid": grid_of(person, request.user),
                "rights_sheet": rights_pages.page_of(person, request.user),
                "rights_url": reverse("admin:accounts_portaluser_rights", args=[person.pk]),
                "why_url": f"{reverse('admin:why')}?person={person.pk}",
            }
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def history_parts(self, obj: PortalUser) -> dict[type[models.Model], models.Q]:
        """Her account, links, overrides and templates."""
        hers = models.Q(portal_user_id=obj.pk)
        overrides = apps.get_model("permissions", "PermissionOverride")
        return {
            type(obj.user): models.Q(id=obj.user_id),
            CustomerLink: hers,
            overrides: hers | models.Q(link_id__in=list(obj.links.values_list("pk", flat=True))),
            apps.get_model("permissions", "TemplateAccess"): hers,
        }

    def save_model(self, request: HttpRequest, obj: PortalUser, form: Any, change: bool) -> None:
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
        obj.__dict__.update(invited.person.__dict__)
        obj.invited = invited  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, obj.invited.sentence)
        return HttpResponseRedirect(self.change_url(obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            changes, only = _changes(formsets), None
            if "only_listed_templates" in form.changed_data:
                only = bool(form.cleaned_data["only_listed_templates"])
                changes.append(only_listed_templates(only))
            # A refusal rolls back what save_model did: the page comes back as it was typed.
            if changes:
                insist_effect_was_seen(request, foresee([form.instance], _all_of(changes)))
            if only is not None:
                set_only_listed_templates(form.instance, only, by=request.user)
        super().save_related(request, form, formsets, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        person = form.instance
        if formset.model is CustomerLink:
            for link in formset.deleted_objects:
                services.unlink_customer(link, by=request.user)
            for link in rows:
                if link.pk is None:
                    services.link_customer(person, link.customer, by=request.user)
        elif formset.model is TemplateAccess:
            for access in formset.deleted_objects:
                set_template_access(person, access.template, None, by=request.user)
            for access in rows:
                set_template_access(person, access.template, access.effect, by=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Portal users are removed, never deleted: their history keeps a name."""
        return False

    # --- columns

    @display(description=gettext_lazy("portal user"), ordering="user__full_name", header=True)
    def person(self, person: PortalUser) -> list[str]:
        return [person.user.full_name, person.user.email]

    @display(description=gettext_lazy("state"), ordering="state", label={**PORTAL_USER_STATE_COLOURS})
    def standing(self, person: PortalUser) -> Any:
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
    def state_now(self, person: PortalUser) -> Any:
        return badge(person.get_state_display(), PORTAL_USER_STATE_COLOURS[PortalUserState(person.state)])

    @display(description=gettext_lazy("customers"))
    def customer_names(self, person: Any) -> str:
        names = [link.customer.name for link in person.links_shown]
        shown = ", ".join(names[:3])
        more = len(names) - 3
        return shown + (" " + ngettext("and %d more", "and %d more", more) % more if more > 0 else "")

    @display(description=gettext_lazy("last visit"), ordering="last_seen_at", empty_value=gettext_lazy("never"))
    def last_visit(self, person: PortalUser) -> Any:
        return _moment(person.last_seen_at) if person.last_seen_at else None

    @display(description=gettext_lazy("invitation"))
    def invitation_mail(self, person: Any) -> str:
        return letter_words(person)

    # --- buttons

    @console_action(
        permission="permissions.change_permissionoverride",
        description=gettext_lazy("Set a permission"),
        text=gettext_lazy("An override counts before the default; one on a link counts before one for all customers."),
        submit=gettext_lazy("Save"),
        form_class=SetPermissionForm,
        icon="rule",
    )
    def set_permission(self, request: HttpRequest, obj: PortalUser, form: Any) -> str:
        override = form.save(request.user)
        label = PORTAL_PERMISSIONS[form.cleaned_data["permission"]].label
        if override is None:
            return _("“%(label)s” is inherited again.") % {"label": label}
        said = _("%(person)s may: %(label)s.") if override.effect == "allow" else _("%(person)s may not: %(label)s.")
        person = f"{obj} ({override.link.customer})" if override.link else str(obj)
        return said % {"person": person, "label": label}

    @console_action(
        permission="permissions.delete_permissionoverride",
        description=gettext_lazy("Reset to inherited"),
        form_class=ResetOverrideForm,
        # A button of the sheet, beside each override; alone it would not know which.
        shown=False,
        icon="undo",
    )
    def reset_override(self, request: HttpRequest, obj: PortalUser, form: Any) -> HttpResponse:
        target, code = form.target()
        set_override(target, code, None, by=request.user)
        messages.success(request, _("“%s” is inherited again.") % PORTAL_PERMISSIONS[code].label)
        return HttpResponseRedirect(f"{self.change_url(obj)}#overrides-2")

    @console_action(
        permission="accounts.view_as_portaluser",
        description=gettext_lazy("View as"),
        text=lambda request, obj: (
            _(
                "You see the companion site as %s does, and can change nothing there. It is written down with both "
                "names, and does not count as a visit."
            )
            % obj
        ),
        submit=gettext_lazy("Look"),
        form_class=ReasonForm,
        possible=lambda person: person.state == PortalUserState.ACTIVE,
        icon="visibility",
    )
    def view_as(self, request: HttpRequest, obj: PortalUser, form: Any) -> HttpResponse:
        look = services.start_view_as(obj, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        request.session["view_as"] = look.pk
        return HttpResponseRedirect(reverse("portal_site:home"))

    @console_action(
        permission="change",
        description=gettext_lazy("Invitation"),
        text=lambda request, obj: letter_words(obj),
        submit=gettext_lazy("Send a fresh mail"),
        form_class=InvitationForm,
        possible=lambda person: person.state in WAITING_STATES,
        icon="mail",
    )
    def invitation(self, request: HttpRequest, obj: PortalUser, form: Any) -> str:
        services.resend_invitation(obj, by=request.user)
        return _("A fresh mail to %s is on its way; the link before it no longer works.") % obj.user.email

    @console_action(
        permission="change",
        description=gettext_lazy("Suspend"),
        text=lambda request, obj: (
            _("%s is signed out everywhere at once and cannot come in until you let her in again.") % obj
            + " "
            + in_words(foresee([obj], activity(False)))
        ),
        form_class=ReasonForm,
        possible=lambda person: person.state in (PortalUserState.ACTIVE, *WAITING_STATES),
        icon="block",
        variant=ActionVariant.WARNING,
    )
    def suspend(self, request: HttpRequest, obj: PortalUser, form: Any) -> str:
        services.suspend_portal_user(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is suspended and signed out.") % obj

    @console_action(
        permission="change",
        description=gettext_lazy("Let in again"),
        text=lambda request, obj: (
            _("%s can sign in again, with the links and overrides she had.") % obj
            + " "
            + in_words(foresee([obj], activity(True)))
        ),
        form_class=ReasonForm,
        possible=lambda person: person.state == PortalUserState.SUSPENDED,
        icon="login",
        variant=ActionVariant.SUCCESS,
    )
    def reactivate(self, request: HttpRequest, obj: PortalUser, form: Any) -> str:
        services.reactivate_portal_user(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s can sign in again.") % obj

    @console_action(
        permission="accounts.delete_customerlink",
        description=gettext_lazy("Remove"),
        text=lambda request, obj: _removal_numbers(obj),
        form_class=ReasonForm,
        possible=lambda person: person.state != PortalUserState.REMOVED,
        icon="person_remove",
        variant=ActionVariant.DANGER,
    )
    def remove(self, request: HttpRequest, obj: PortalUser, form: Any) -> str:
        services.remove_portal_user(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is removed. Jobs, customers and history stay.") % obj

    # --- many at once

    @console_bulk_action(
        permission="permissions.change_permissionoverride",
        description=gettext_lazy("Allow a permission"),
        done=ngettext_lazy("%d person has it now.", "%d people have it now."),
        form_class=AllowForm,
    )
    def allow_permission(self, request: HttpRequest, person: PortalUser, form: Any) -> None:
        said = form.cleaned_data
        effect = PermissionOverride.Effect.ALLOW
        set_override(person, said["permission"], effect, by=request.user, reason=said["reason"])

    @console_bulk_action(
        permission="permissions.change_permissionoverride",
        description=gettext_lazy("Deny a permission"),
        done=ngettext_lazy("%d person no longer has it.", "%d people no longer have it."),
        form_class=DenyForm,
    )
    def deny_permission(self, request: HttpRequest, person: PortalUser, form: Any) -> None:
        said = form.cleaned_data
        effect = PermissionOverride.Effect.DENY
        set_override(person, said["permission"], effect, by=request.user, reason=said["reason"])

    @console_bulk_action(
        permission="permissions.delete_permissionoverride",
        description=gettext_lazy("Reset a permission to inherited"),
        done=ngettext_lazy("%d person inherits it.", "%d people inherit it."),
        form_class=BulkPermissionForm,
    )
    def reset_permission(self, request: HttpRequest, person: PortalUser, form: Any) -> None:
        said = form.cleaned_data
        set_override(person, said["permission"], None, by=request.user, reason=said["reason"])

    @console_bulk_action(
        permission="permissions.change_templateaccess",
        description=gettext_lazy("Add a template"),
        done=ngettext_lazy("%d person has the template.", "%d people have the template."),
        form_class=AddTemplateForm,
    )
    def add_template(self, request: HttpRequest, person: PortalUser, form: Any) -> None:
        set_template_access(person, form.cleaned_data["template"], TemplateAccess.Effect.ADD, by=request.user)

    @console_bulk_action(
        permission="permissions.change_templateaccess",
        description=gettext_lazy("Remove a template"),
        done=ngettext_lazy("%d person no longer has the template.", "%d people no longer have the template."),
        form_class=RemoveTemplateForm,
    )
    def remove_template(self, request: HttpRequest, person: PortalUser, form: Any) -> None:
        set_template_access(person, form.cleaned_data["template"], TemplateAccess.Effect.REMOVE, by=request.user)

    @console_bulk_action(
        permission="permissions.delete_templateaccess",
        description=gettext_lazy("Reset a template to the defaults"),
        done=ngettext_lazy("%d person follows the defaults.", "%d people follow the defaults."),
        form_class=BulkTemplateForm,
    )
    def reset_template(self, request: HttpRequest, person: PortalUser, form: Any) -> None:
        set_template_access(person, form.cleaned_data["template"], None, by=request.user)

    @console_bulk_action(
        permission="change",
        description=gettext_lazy("Suspend"),
        done=ngettext_lazy("%d person is suspended and signed out.", "%d people are suspended and signed out."),
        form_class=BulkSuspendForm,
    )
    def suspend_many(self, request: HttpRequest, person: PortalUser, form: Any) -> None:
        services.suspend_portal_user(person, by=request.user, reason=form.cleaned_data["reason"])


def _changes(formsets: Any) -> list[Change]:
    """What the rows of a person's page would change about her rights."""
    found: list[Change] = []
    for formset in formsets:
        if formset.model not in (CustomerLink, TemplateAccess):
            continue
        for row in formset.forms:
            gone = formset.can_delete and formset._should_delete_form(row)
            said = row.cleaned_data if row.has_changed() or gone else {}
            if formset.model is CustomerLink and gone and row.instance.pk:
                found.append(unlinked(row.instance.customer_id))
            elif formset.model is CustomerLink and said.get("customer") and not row.instance.pk:
                found.append(linked(said["customer"].pk))
            elif formset.model is TemplateAccess and gone and row.instance.pk:
                found.append(template_access(row.instance.template_id, None))
            elif formset.model is TemplateAccess and said.get("template"):
                found.append(template_access(said["template"].pk, said["effect"]))
    return found


def _all_of(changes: list[Change]) -> Change:
    """Several changes as one, in their order."""

    def change(person: Any, rights: Any) -> Any:
        for one in changes:
            rights = one(person, rights)
        return rights

    return change


def letter_words(person: Any) -> str:
    """What became of the latest invitation of somebody who still waits, in a sentence; "–" for others."""
    if person.state not in WAITING_STATES or not person.letter_state:
        return "–"
    if person.letter_until < timezone.now():
        return _("The link ended %s. Send a fresh mail.") % _moment(person.letter_until)
    match person.letter_state:
        case Invitation.MailState.SENT:
            return _("Sent %(at)s, works until %(until)s.") % {
                "at": _moment(person.letter_at),
                "until": _moment(person.letter_until),
            }
        case Invitation.MailState.FAILED:
            return _("The mail did not go out: %s") % person.letter_error
    return _("Waiting to go out.")


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _removal_numbers(person: PortalUser) -> str:
    links = person.links.count()
    overrides = apps.get_model("permissions", "PermissionOverride").objects
    count = overrides.filter(models.Q(portal_user=person) | models.Q(link__portal_user=person)).count()
    return " ".join(
        [
            _("%s loses the login and is signed out everywhere.") % person,
            ngettext("%d link to a customer goes.", "%d links to customers go.", links) % links,
            ngettext("%d override goes.", "%d overrides go.", count) % count,
            _("Jobs, customers and history stay."),
        ]
    )
