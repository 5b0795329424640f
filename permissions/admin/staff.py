"""Staff: who may sign in to the console, with which roles, and narrowed to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts import services
from accounts.admin.second_step import SecondStepButton
from accounts.models import Customer, CustomerLink, Invitation, PortalUser, User
from accounts.own_password import AsksForPassword, ChangedAddressForm
from accounts.services.staff import may_touch
from audit.private_hooks import become
from console.kit import (
    ConsoleModelAdmin,
    ConsoleTabularInline,
    DialogForm,
    ReasonForm,
    ScopedFilter,
    YesNoFilter,
    console_action,
    pick_several,
)
from console.reader import StaffReader
from console.roles import role_label
from console.shapes import AnyForm, AnyFormSet, AnyInline, AnyRows, Fieldsets
from permissions.admin.overrides import template_label, visible_templates_for
from permissions.models import CustomerGrant, PortalUserGrant, TemplateGrant
from permissions.portal_people import Grant
from permissions.services import grant, withdraw_grant
from templates_app.models import JobTemplate


class RolesField(forms.ModelMultipleChoiceField[Group]):
    """Roles to tick, by what they are called on the screen."""

    def label_from_instance(self, obj: Group) -> str:
        return role_label(obj.name)


class StaffForm(ChangedAddressForm[User]):
    """Who she is, which roles she has, how far she sees."""

    roles = RolesField(
        label=gettext_lazy("Roles"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("What this person may do. You can give only a role whose rights you hold yourself."),
    )

    class Meta:
        model = User
        fields = ("full_name", "email", "phone", "language", "only_granted_customers", "only_granted_templates")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = list(self.instance.groups.values_list("pk", flat=True))
        else:
            del self.fields["own_password"]

    def address_before(self) -> str:
        return User.objects.filter(pk=self.instance.pk).values_list("email", flat=True).first() or ""

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])


class _GrantInline(ConsoleTabularInline[models.Model]):
    """What was granted; to grant more there is a button that asks."""

    fields = ("record", "may")
    readonly_fields = ("record", "may")

    def get_queryset(self, request: HttpRequest) -> AnyRows:
        return super().get_queryset(request).select_related("content_object", "permission")

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    @display(description=gettext_lazy("granted"))
    def record(self, row: Grant) -> str:
        return str(row.content_object) if row.pk else ""

    @display(description=pgettext_lazy("what somebody is allowed", "may"))
    def may(self, row: Grant) -> str:
        return row.may if row.pk else ""


class CustomerGrants(_GrantInline):
    model = CustomerGrant


class TemplateGrants(_GrantInline):
    model = TemplateGrant


class PortalUserGrants(_GrantInline):
    model = PortalUserGrant

    def get_queryset(self, request: HttpRequest) -> AnyRows:
        return super().get_queryset(request).select_related("content_object__user")


class GrantForm(DialogForm):
    """Which records, and whether to see them or to work with them."""

    customers: forms.ModelMultipleChoiceField[Customer] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Customers"), queryset=None, required=False
    )
    templates: forms.ModelMultipleChoiceField[JobTemplate] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Templates"),
        queryset=None,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    people: forms.ModelMultipleChoiceField[PortalUser] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Portal users"), queryset=None, required=False
    )
    may = forms.ChoiceField(
        label=pgettext_lazy("what somebody is allowed", "May"),
        choices=[("view", gettext_lazy("see them")), ("change", gettext_lazy("see and work with them"))],
        initial="change",
        widget=UnfoldAdminRadioSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        customer, person = CustomerLink._meta.get_field("customer"), CustomerLink._meta.get_field("portal_user")
        pick_several(self.fields["customers"], customer, Customer.objects.visible_to(user))
        pick_several(self.fields["people"], person, PortalUser.objects.visible_to(user))
        templates = self.fields["templates"]
        assert isinstance(templates, forms.ModelMultipleChoiceField)
        templates.queryset = visible_templates_for(user)
        vars(templates)["label_from_instance"] = template_label

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not any(said.get(name) for name in ("customers", "templates", "people")):
            raise forms.ValidationError(_("Choose at least one customer, template or portal user."))
        return said


class StaffInvitationForm(DialogForm):
    """Shows the link by which the person sets her password."""

    link = forms.CharField(
        label=gettext_lazy("Link"), required=False, widget=UnfoldAdminTextInputWidget(attrs={"readonly": True})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        letter = Invitation.objects.good().filter(user_id=self.object_id, purpose=Invitation.Purpose.STAFF).first()
        user = self.request.user
        # Whoever has the link has the account.
        if letter is not None and user.pk != letter.user_id and may_touch(letter.user, user):
            self.fields["link"].initial = letter.url
        else:
            del self.fields["link"]


def _roles(user: User) -> list[str]:
    return sorted(group.name for group in user.groups.all())


@admin.register(User)
class StaffAdmin(SecondStepButton, AsksForPassword[User], ConsoleModelAdmin[User]):
    list_display = ("person", "role_names", "narrowed", "second_step", "last_login", "standing")
    list_filter = (("groups", ScopedFilter), ("is_active", YesNoFilter))
    search_fields = ("name_search", "email")
    search_help_text = gettext_lazy("Name or e-mail")
    form = StaffForm
    fieldsets = (
        (None, {"fields": (("full_name", "phone"), ("email", "language"))}),
        (gettext_lazy("Rights"), {"fields": ("roles",)}),
        (
            gettext_lazy("Limits"),
            {
                "fields": (("only_granted_customers", "only_granted_templates"),),
                "description": gettext_lazy(
                    "A limit narrows every list, count, search and export. Grant the records with the button above."
                ),
            },
        ),
    )
    inlines = (CustomerGrants, TemplateGrants, PortalUserGrants)
    change_form_outer_after_template = "console/notes.html"
    actions_detail = (
        "grant_records",
        "password_link",
        {"title": gettext_lazy("More"), "items": ("two_factor_off", "switch_off", "switch_on")},
    )
    export_columns = (
        ("full_name", gettext_lazy("Name")),
        ("email", gettext_lazy("E-mail")),
        ("phone", gettext_lazy("Telephone")),
        (_roles, gettext_lazy("Roles")),
        ("only_granted_customers", gettext_lazy("Only granted customers")),
        ("only_granted_templates", gettext_lazy("Only granted templates")),
        ("is_active", gettext_lazy("Active")),
        ("two_factor_since", gettext_lazy("Two-factor sign-in since")),
        ("last_login", gettext_lazy("Last login")),
        ("date_joined", gettext_lazy("Joined")),
    )
    export_prefetch = ("groups",)
    empty_state = gettext_lazy("No member of staff fits.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[AnyInline]]:
        return list(self.inlines) if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Fieldsets:
        fieldsets = super().get_fieldsets(request, obj)
        if not isinstance(obj, User) or not obj.is_superuser:
            return fieldsets
        *others, (title, limits) = fieldsets
        return (*others, (title, {**limits, "description": _("Administrators see everything. Limits don't apply.")}))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        # Nobody changes her own limits.
        own = obj is not None and obj.pk == request.user.pk
        return ("only_granted_customers", "only_granted_templates") if own else ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        person = self.record(request, object_id)
        more = {"notes": _grants_beyond(person, StaffReader(request.user))} if person else {}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Accounts are switched off, never deleted: history keeps their name."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: StaffForm, change: bool) -> None:
        said = form.cleaned_data
        if change:
            services.save_staff(obj, roles=said["roles"], by=request.user)
            _warn_of_idle_limits(request, obj)
            return
        facts = {name: said[name] for name in ("phone", "language", "only_granted_customers", "only_granted_templates")}
        made = services.invite_staff(
            email=said["email"], name=said["full_name"], roles=said["roles"], by=request.user, **facts
        )
        become(obj, made)
        _warn_of_idle_limits(request, obj)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("%(name)s is invited: a mail to %(email)s is on its way.") % _names(obj))
        return HttpResponseRedirect(self.change_url(obj))

    def save_related(self, request: HttpRequest, form: AnyForm, formsets: Sequence[AnyFormSet], change: bool) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)

    def save_formset(self, request: HttpRequest, form: AnyForm, formset: AnyFormSet, change: bool) -> None:
        formset.save(commit=False)
        for row in formset.deleted_objects:
            withdraw_grant(form.instance, row.content_object, by=request.user)

    # --- columns

    @display(description=gettext_lazy("member of staff"), ordering="full_name", header=True)
    def person(self, user: User) -> list[str]:
        return [user.full_name, user.email]

    @display(description=gettext_lazy("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(sorted(role_label(group.name) for group in user.groups.all())) or _("none: sees nothing")

    @display(description=gettext_lazy("Roles"))
    def roles(self, user: User) -> str:
        """The same for those who may only read the page."""
        return self.role_names(user)

    @display(description=gettext_lazy("limits"))
    def narrowed(self, user: User) -> str:
        limits = []
        if user.only_granted_customers:
            limits.append(_("granted customers"))
        if user.only_granted_templates:
            limits.append(_("granted templates"))
        if limits and user.is_superuser:
            return _("none (administrator)")
        return ", ".join(limits) or "–"

    @display(description=gettext_lazy("state"), ordering="is_active", label={"on": "success", "off": "danger"})
    def standing(self, user: User) -> tuple[str, str]:
        return ("on", _("Active")) if user.is_active else ("off", _("Switched off"))

    # --- buttons

    @console_action(
        permission="permissions.add_customergrant",
        description=gettext_lazy("Grant records"),
        text=lambda request, obj: _("%s sees these, and what hangs on them, when narrowed to granted records.") % obj,
        submit=gettext_lazy("Grant"),
        form_class=GrantForm,
        possible=lambda user: not user.is_superuser,
        icon="key",
        on_a_page=True,
    )
    def grant_records(self, request: HttpRequest, obj: User, form: GrantForm) -> str:
        said = form.cleaned_data
        records = [*said["customers"], *said["templates"], *said["people"]]
        for record in records:
            grant(obj, record, change=said["may"] == "change", by=request.user)
        return _("Granted: %s.") % ", ".join(str(record) for record in records)

    @console_action(
        permission="change",
        description=gettext_lazy("Password mail"),
        text=lambda request, obj: _("A mail to %s with a link to set a password.") % obj.email,
        submit=gettext_lazy("Send a fresh mail"),
        form_class=StaffInvitationForm,
        possible=lambda user: user.is_active,
        icon="password",
    )
    def password_link(self, request: HttpRequest, obj: User, form: StaffInvitationForm) -> str:
        services.send_password_link(obj, by=request.user)
        return _("A mail to %s is on its way.") % obj.email

    @console_action(
        permission="change",
        description=gettext_lazy("Switch off"),
        text=lambda request, obj: _("%s is signed out at once and cannot sign in. History keeps the name.") % obj,
        form_class=ReasonForm,
        possible=lambda user: user.is_active,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def switch_off(self, request: HttpRequest, obj: User, form: ReasonForm) -> str:
        services.switch_off_staff(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is switched off.") % obj

    @console_action(
        permission="change",
        description=gettext_lazy("Switch on"),
        text=lambda request, obj: _("%s can sign in again with the roles she had.") % obj,
        form_class=ReasonForm,
        possible=lambda user: not user.is_active,
        icon="login",
    )
    def switch_on(self, request: HttpRequest, obj: User, form: ReasonForm) -> str:
        services.switch_on_staff(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is switched on.") % obj


def _warn_of_idle_limits(request: HttpRequest, user: User) -> None:
    """Say that a limit does nothing for somebody who is an administrator now (console.scope)."""
    # Roles are given to the row: the object does not know what they made of it.
    saved = User.objects.get(pk=user.pk)
    if saved.is_superuser and (saved.only_granted_customers or saved.only_granted_templates):
        messages.warning(request, _("%s is an administrator and sees everything. The limits have no effect.") % saved)


def _grants_beyond(person: User, reader: StaffReader) -> list[str]:
    """How much was granted to a member of staff that this reader may not see, in a sentence for each kind."""
    if not reader.is_limited:
        return []
    said = []
    for model in (CustomerGrant, TemplateGrant, PortalUserGrant):
        if not reader.reads(model):
            continue
        granted: models.QuerySet[Grant] = model.objects.filter(user=person)
        seen = set(reader.rows(granted).values_list("content_object", flat=True))
        if more := len(set(granted.values_list("content_object", flat=True)) - seen):
            words = ngettext(
                "%(kind)s: and %(count)d more that you can't see.",
                "%(kind)s: and %(count)d more that you can't see.",
                more,
            )
            said.append(words % {"kind": capfirst(model._meta.verbose_name_plural), "count": more})
    return said


def _names(user: User) -> dict[str, str]:
    return {"name": str(user), "email": user.email}
