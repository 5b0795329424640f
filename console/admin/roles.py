"""Staff roles: a name and a readable table of what it may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Count
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanWidget

from console.errors import Refused
from console.kit import ConsoleModelAdmin
from console.roles import Role, role_label, save_role
from console.shapes import AnyForm, Context
from console.wording import ACTIONS, action_of, kind_in_words, right_in_words

# The rooms of the house, in the order of the sidebar. Tables of packages are nobody's daily business.
APPS = (
    "jobs",
    "accounts",
    "templates_app",
    "permissions",
    "business",
    "console",
    "alerts",
    "imports",
    "billing",
    "audit",
    "auth",
)


def grantable() -> models.QuerySet[Permission]:
    """The permissions a role can hold: of our own records, without those of their histories."""
    rows = Permission.objects.filter(content_type__app_label__in=APPS)
    return rows.exclude(content_type__model__startswith="historical").select_related("content_type")


class PermissionTable(forms.Widget):
    """Rows of records, columns of what may be done; what is special stands at the end of its row."""

    template_name = "permissions/widgets/permission_table.html"

    def get_context(
        self, name: str, value: Collection[int | str] | None, attrs: dict[str, str | bool] | None
    ) -> Context:
        context = super().get_context(name, value, attrs)
        chosen = {int(pk) for pk in value or ()}
        box = UnfoldBooleanWidget()
        rows: dict[tuple[int, str], Context] = {}
        for permission in grantable():
            model = permission.content_type.model_class()
            if model is None:
                continue
            key = (APPS.index(model._meta.app_label), str(model._meta.verbose_name_plural))
            row = rows.setdefault(
                key, {"label": kind_in_words(permission), "cells": dict.fromkeys(ACTIONS), "more": []}
            )
            action, words = action_of(permission), right_in_words(permission)
            attrs_ = {"value": str(permission.pk), "id": f"id_{name}_{permission.pk}", "aria-label": words}
            html = box.render(name, permission.pk in chosen, attrs_)
            if action:
                row["cells"][action] = html
            else:
                row["more"].append({"box": html, "label": words, "id": attrs_["id"]})
        context["rows"] = [rows[key] for key in sorted(rows)]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> list[str]:
        assert isinstance(data, MultiValueDict)
        return data.getlist(name)

    def id_for_label(self, id_: str) -> str:
        return ""


class RoleForm(forms.ModelForm[Group]):
    """A role. Rights of packages that the table leaves out stay as they are."""

    rights = forms.ModelMultipleChoiceField(
        label=pgettext_lazy("what somebody is allowed", "May"),
        queryset=Permission.objects.none(),
        required=False,
        widget=PermissionTable,
    )

    class Meta:
        model = Group
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rights" in self.fields:
            rights = self.fields["rights"]
            assert isinstance(rights, forms.ModelMultipleChoiceField)
            rights.queryset = grantable()
            if self.instance.pk:
                self.initial["rights"] = list(self.instance.permissions.values_list("pk", flat=True))


admin.site.unregister(Group)

if TYPE_CHECKING:

    class _Counted(Group):
        """A role as the list counts it."""

        people_count: int
        rights_count: int


def _people(role: _Counted) -> int:
    return role.people_count


def _rights(role: Group) -> str:
    return ", ".join(sorted(right_in_words(permission) for permission in role.permissions.all()))


@admin.register(Group)
class RoleAdmin(ConsoleModelAdmin[Group]):
    list_display = ("name_", "kind", "people_", "rights_")
    search_fields = ("name",)
    form = RoleForm
    fieldsets = ((None, {"fields": ("name",)}), (gettext_lazy("Rights"), {"fields": ("rights",)}))
    export_columns = (
        ("name", gettext_lazy("Role")),
        (_people, gettext_lazy("People")),
        (_rights, gettext_lazy("Rights")),
    )
    export_prefetch = ("permissions__content_type",)
    empty_state = gettext_lazy("No role yet.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Group]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                people_count=Count("user", filter=models.Q(user__is_active=True), distinct=True),
                rights_count=Count("permissions", distinct=True),
            )
        )

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        fixed = obj is not None and getattr(obj, "name", "") == Role.ADMINISTRATOR
        return super().has_change_permission(request, obj) and not fixed

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        shipped = obj is not None and getattr(obj, "name", "") in list(Role)
        return super().has_delete_permission(request, obj) and not shipped

    def save_model(self, request: HttpRequest, obj: Group, form: AnyForm, change: bool) -> None:
        shown = set(grantable().values_list("pk", flat=True))
        kept = set(obj.permissions.exclude(pk__in=shown).values_list("pk", flat=True)) if obj.pk else set()
        chosen = {permission.pk for permission in form.cleaned_data["rights"]}
        save_role(obj, kept | chosen, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        if obj.user_set.exists():
            raise Refused(_("%s still has people. Take the role from them first.") % obj)
        super().delete_model(request, obj)

    @display(description=gettext_lazy("name"), ordering="name")
    def name_(self, role: Group) -> str:
        return role_label(role.name)

    @display(description=gettext_lazy("made by"), label={"own": "info", "shipped": ""})
    def kind(self, role: Group) -> tuple[str, str]:
        return ("shipped", _("Portico")) if role.name in list(Role) else ("own", _("you"))

    @display(description=gettext_lazy("people"), ordering="people_count")
    def people_(self, role: _Counted) -> int:
        return role.people_count

    @display(description=gettext_lazy("rights"), ordering="rights_count")
    def rights_(self, role: _Counted) -> int | str:
        return _("everything") if role.name == Role.ADMINISTRATOR else role.rights_count
