"""Portal settings: one page in tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminColorInputWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from business.catalogue import PORTAL_PERMISSIONS, PortalPermission, portal_permission
from business.logos import redrawn_logo
from business.models import PortalSettings
from business.services import save_portal_settings
from console.forecast import require_seen_effect
from console.kit import ConsoleModelAdmin
from console.reader import UNLIMITED, Reader, StaffReader, names_for
from permissions.impact import foresee_settings
from permissions.services import set_default_templates
from templates_app.models import JobTemplate


class PermissionSwitches(forms.Widget):
    """A switch for each portal permission, under its heading, with its sentence of help."""

    template_name = "permissions/widgets/permission_switches.html"

    def get_context(
        self, name: str, value: dict[str, bool] | None, attrs: dict[str, str | bool] | None
    ) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        switch = UnfoldBooleanSwitchWidget()
        groups: dict[str, list[dict[str, PortalPermission | str]]] = {}
        for permission in PORTAL_PERMISSIONS.values():
            key = f"{name}__{permission.code}"
            on = bool((value or {}).get(permission.code))
            box = switch.render(key, on, {"id": f"id_{key}"})
            groups.setdefault(str(permission.group), []).append(
                {"permission": permission, "id": f"id_{key}", "box": box}
            )
        context["groups"] = list(groups.items())
        return context

    def value_from_datadict(
        self, data: Mapping[str, str], files: Mapping[str, UploadedFile], name: str
    ) -> dict[str, bool]:
        return {code: data.get(f"{name}__{code}") in ("on", "true", "1") for code in PORTAL_PERMISSIONS}

    def value_omitted_from_data(self, data: Mapping[str, str], files: Mapping[str, UploadedFile], name: str) -> bool:
        return False

    def carry_over(self, data: QueryDict, name: str, was: Mapping[str, bool], now: Mapping[str, bool]) -> None:
        """A switch this person left alone, and somebody else pressed since, stands as they left it."""
        for code, posted in self.value_from_datadict(data, {}, name).items():
            before, after = bool(was.get(code)), bool(now.get(code))
            if before != after and posted == before:
                data.pop(f"{name}__{code}", None)
                if after:
                    data[f"{name}__{code}"] = "on"

    def id_for_label(self, id_: str) -> str:
        return ""


class SwitchesFormField(forms.Field):
    """{code: yes or no}, complete."""

    widget = PermissionSwitches

    def has_changed(self, initial: Mapping[str, bool] | None, data: Mapping[str, bool] | None) -> bool:
        before = {code: bool((initial or {}).get(code)) for code in PORTAL_PERMISSIONS}
        return before != data


class SettingsForm(forms.ModelForm):
    """Everything the portal offers, and the templates everybody has, as far as ``reader`` may see them."""

    reader: Reader = UNLIMITED
    default_permissions = SwitchesFormField(label=gettext_lazy("Everybody may"), required=False)
    default_templates: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Default templates"),
        queryset=None,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy(
            "Every portal user has these, unless hers were changed. They decide which jobs somebody sees and requests."
        ),
    )

    class Meta:
        model = PortalSettings
        fields = [f.name for f in PortalSettings._meta.fields if f.editable and not f.primary_key]
        widgets = {
            "brand_colour": UnfoldAdminColorInputWidget,
            "access": UnfoldAdminRadioSelectWidget,
            "guest_proof": UnfoldAdminRadioSelectWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = self.reader.rows(JobTemplate.objects.current())
        if "default_templates" in self.fields:
            field = self.fields["default_templates"]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = templates
            self.initial["default_templates"] = list(templates.portal_defaults().values_list("pk", flat=True))

    def hidden_defaults(self) -> set[int]:
        """Return the keys of the default templates that the reader may not see: they stay as they are."""
        defaults = JobTemplate.objects.current().portal_defaults()
        keys = set(defaults.values_list("pk", flat=True))
        return keys - self.reader.visible_keys(defaults.model, keys)

    def clean_logo(self) -> File | str | bool | None:
        """A new logo is drawn anew; one that was there, and "remove it", stay as they are."""
        logo = self.cleaned_data["logo"]
        return redrawn_logo(logo) if isinstance(logo, UploadedFile) else logo


def _tab(title: Promise, *fields: str | tuple[str, ...], description: str = "") -> tuple[Promise, dict[str, object]]:
    return (title, {"classes": ["tab"], "fields": fields, "description": description})


@admin.register(PortalSettings)
class PortalSettingsAdmin(ConsoleModelAdmin):
    form = SettingsForm
    fieldsets = (
        _tab(gettext_lazy("Portal"), "portal_enabled", "access", "staff_two_factor"),
        _tab(
            gettext_lazy("Brand"),
            "portal_name",
            "introduction",
            "logo",
            "brand_colour",
            ("business_phone", "business_email"),
        ),
        _tab(
            gettext_lazy("Sign-up"),
            "signup_asks_phone",
            "signup_asks_company",
            "signup_asks_address",
            "new_customer_for_signup",
            "invitation_days",
        ),
        _tab(gettext_lazy("Jobs"), "mandatory_templates", ("change_cutoff_hours", "cancel_cutoff_hours")),
        _tab(
            gettext_lazy("Map and alerts"),
            "map_enabled",
            "worker_precision_metres",
            "job_alerts_enabled",
            ("alert_on_scheduled", "alert_on_started", "alert_on_completed"),
            "sms_enabled",
        ),
        _tab(gettext_lazy("Portal links"), "link_in_notes", "guest_proof", "link_max_days"),
        _tab(gettext_lazy("Money"), "show_pending_invoices", "online_payment_enabled"),
        _tab(gettext_lazy("Default permissions"), "default_permissions"),
        _tab(gettext_lazy("Default templates"), "default_templates"),
    )

    def get_form(
        self, request: HttpRequest, obj: PortalSettings | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"reader": StaffReader(request.user)})

    def get_fieldsets(self, request: HttpRequest, obj: PortalSettings | None = None) -> Any:
        tabs = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return tabs
        # Who may only read gets words where others get switches and boxes.
        in_words = {"default_permissions": "everybody_may", "default_templates": _default_templates_of(request)}
        return [
            (title, {**tab, "fields": tuple(in_words.get(name, name) for name in tab["fields"])}) for title, tab in tabs
        ]

    @display(description=gettext_lazy("Everybody may"))
    def everybody_may(self, settings: PortalSettings) -> str:
        allowed = [code for code, may in settings.default_permissions.items() if may]
        return ", ".join(str(portal_permission(code).label) for code in allowed if code in PORTAL_PERMISSIONS)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> PortalSettings | None:
        """The one row, with its defaults while it was never saved."""
        return PortalSettings.load() if str(object_id) == "1" else None

    def has_export_permission(self, request: HttpRequest) -> bool:
        """One row is no list; the configuration has a file of its own."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:business_portalsettings_change", args=[1]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def response_change(self, request: HttpRequest, obj: PortalSettings) -> HttpResponse:
        if not getattr(request, "settings_changed", True):
            messages.info(request, _("Nothing was changed, so nothing was saved."))
            return HttpResponseRedirect(self.change_url(obj))
        return super().response_change(request, obj)

    def save_model(self, request: HttpRequest, obj: PortalSettings, form: SettingsForm, change: bool) -> None:
        templates = None
        if "default_templates" in form.changed_data:
            templates = {template.pk for template in form.cleaned_data["default_templates"]} | form.hidden_defaults()
        if form.changed_data:
            require_seen_effect(request, foresee_settings(obj, StaffReader(request.user), templates))
        own = [name for name in form.changed_data if name != "default_templates"]
        request.__dict__["settings_changed"] = bool(form.changed_data)
        if own:
            save_portal_settings(obj, by=request.user)
        if "default_templates" in form.changed_data:
            set_default_templates(form.cleaned_data["default_templates"], by=request.user)


def _default_templates_of(request: HttpRequest) -> Callable[[PortalSettings], str]:
    """A column that names the default templates this person may see, and counts the others."""

    @admin.display(description=gettext_lazy("Default templates"))
    def names(settings: PortalSettings) -> str:
        defaults = JobTemplate.objects.current().portal_defaults()
        return names_for(StaffReader(request.user), list(defaults), most=100)

    names.__name__ = "default_templates"
    return names
