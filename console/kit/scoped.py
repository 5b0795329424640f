"""What a member of staff may choose from: the rows she may see, never more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest

from audit.reader import Rows
from console.kit.forms import SearchSelect, SearchSelectMultiple
from console.scope import ScopedQuerySet, scope_condition
from console.shapes import AnyForeignKey, AnyManyToMany

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, PermissionsMixin
    from unfold.admin import ModelAdmin

    Options = ModelAdmin[Any]
else:
    Options = object


def shown_to(queryset: Rows, user: PermissionsMixin | AnonymousUser) -> Rows:
    """The rows of any queryset that this member of staff may see."""
    if isinstance(queryset, ScopedQuerySet):
        return queryset.visible_to(user)
    condition = scope_condition(queryset.model, user)
    return queryset if condition is None else queryset.filter(condition)


class ScopedChoices(Options):
    """Choices of a foreign key are the rows the person may see: never more than the list they come from."""

    admin_site: AdminSite

    def formfield_for_foreignkey(
        self, db_field: AnyForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        if "queryset" not in kwargs:
            kwargs["queryset"] = shown_to(db_field.remote_field.model._default_manager.all(), request.user)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: AnyManyToMany, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField[Any] | None:
        if "queryset" not in kwargs:
            kwargs["queryset"] = shown_to(db_field.remote_field.model._default_manager.all(), request.user)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)
