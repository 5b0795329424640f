"""What is done to many people at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import PortalUser
from business.catalogue import PORTAL_PERMISSIONS, portal_permission_choices
from console.forecast import EffectForm, Forecast
from console.keys import is_key
from console.kit import console_bulk_action
from permissions import services
from permissions.admin.overrides import current_templates_for
from permissions.impact import activity, foresee, override_on_person, template_access
from permissions.models import PermissionOverride, TemplateAccess
from permissions.services import set_override, set_template_access


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
        return foresee(self.obj, override_on_person(code, self.allows), self.reader)


class AllowForm(BulkPermissionForm):
    allows = True


class DenyForm(BulkPermissionForm):
    allows = False


class BulkTemplateForm(EffectForm):
    """One template for many people."""

    effect: str | None = None

    template: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Template"), queryset=None, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = current_templates_for(self.request.user)

    def forecast(self) -> Forecast | None:
        chosen = str(self.chosen("template") or "")
        known = is_key(chosen) and current_templates_for(self.request.user).filter(pk=chosen).exists()
        return foresee(self.obj, template_access(int(chosen), self.effect), self.reader) if known else None


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
        return foresee(self.obj, activity(False), self.reader)


class ManyAtOnce:
    """A part of the list."""

    @console_bulk_action(
        permission="permissions.change_permissionoverride",
        description=gettext_lazy("Allow a permission"),
        done=ngettext_lazy("%d person has it now.", "%d people have it now."),
        form_class=AllowForm,
    )
    def allow_permission(self, request: HttpRequest, person: PortalUser, form: AllowForm) -> None:
        said = form.cleaned_data
        effect = PermissionOverride.Effect.ALLOW
        set_override(person, said["permission"], effect, by=request.user, reason=said["reason"])

    @console_bulk_action(
        permission="permissions.change_permissionoverride",
        description=gettext_lazy("Deny a permission"),
        done=ngettext_lazy("%d person no longer has it.", "%d people no longer have it."),
        form_class=DenyForm,
    )
    def deny_permission(self, request: HttpRequest, person: PortalUser, form: DenyForm) -> None:
        said = form.cleaned_data
        effect = PermissionOverride.Effect.DENY
        set_override(person, said["permission"], effect, by=request.user, reason=said["reason"])

    @console_bulk_action(
        permission="permissions.delete_permissionoverride",
        description=gettext_lazy("Reset a permission to inherited"),
        done=ngettext_lazy("%d person inherits it.", "%d people inherit it."),
        form_class=BulkPermissionForm,
    )
    def reset_permission(self, request: HttpRequest, person: PortalUser, form: BulkPermissionForm) -> None:
        said = form.cleaned_data
        set_override(person, said["permission"], None, by=request.user, reason=said["reason"])

    @console_bulk_action(
        permission="permissions.change_templateaccess",
        description=gettext_lazy("Add a template"),
        done=ngettext_lazy("%d person has the template.", "%d people have the template."),
        form_class=AddTemplateForm,
    )
    def add_template(self, request: HttpRequest, person: PortalUser, form: AddTemplateForm) -> None:
        set_template_access(person, form.cleaned_data["template"], TemplateAccess.Effect.ADD, by=request.user)

    @console_bulk_action(
        permission="permissions.change_templateaccess",
        description=gettext_lazy("Remove a template"),
        done=ngettext_lazy("%d person no longer has the template.", "%d people no longer have the template."),
        form_class=RemoveTemplateForm,
    )
    def remove_template(self, request: HttpRequest, person: PortalUser, form: RemoveTemplateForm) -> None:
        set_template_access(person, form.cleaned_data["template"], TemplateAccess.Effect.REMOVE, by=request.user)

    @console_bulk_action(
        permission="permissions.delete_templateaccess",
        description=gettext_lazy("Reset a template to the defaults"),
        done=ngettext_lazy("%d person follows the defaults.", "%d people follow the defaults."),
        form_class=BulkTemplateForm,
    )
    def reset_template(self, request: HttpRequest, person: PortalUser, form: BulkTemplateForm) -> None:
        set_template_access(person, form.cleaned_data["template"], None, by=request.user)

    @console_bulk_action(
        permission="change",
        description=gettext_lazy("Suspend"),
        done=ngettext_lazy("%d person is suspended and signed out.", "%d people are suspended and signed out."),
        form_class=BulkSuspendForm,
    )
    def suspend_many(self, request: HttpRequest, person: PortalUser, form: BulkSuspendForm) -> None:
        services.suspend_portal_user(person, by=request.user, reason=form.cleaned_data["reason"])
