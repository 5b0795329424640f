from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.dataclasses import UnfoldAction

_Record = TypeVar("_Record", bound=Model)
_Child = TypeVar("_Child", bound=Model)
_Parent = TypeVar("_Parent", bound=Model)

class ModelAdmin(admin.ModelAdmin[_Record]):
    actions_list: Any
    actions_row: Any
    actions_detail: Any
    actions_submit_line: Any
    actions_list_hide_default: bool
    actions_detail_hide_default: bool
    compressed_fields: bool
    warn_unsaved_form: bool
    list_filter_submit: bool
    list_filter_sheet: bool
    list_fullwidth: bool
    list_disable_select_all: bool
    list_horizontal_scrollbar_top: bool
    change_form_before_template: str | None
    change_form_after_template: str | None
    change_form_outer_before_template: str | None
    change_form_outer_after_template: str | None
    list_before_template: str | None
    list_after_template: str | None
    list_sections: Any
    custom_urls: Any
    conditional_fields: dict[str, str]
    def get_unfold_action(self, action: str) -> UnfoldAction: ...
    def get_actions_list(self, request: HttpRequest) -> list[UnfoldAction]: ...
    def get_actions_detail(self, request: HttpRequest, object_id: int | str) -> list[UnfoldAction]: ...
    def get_actions_row(self, request: HttpRequest) -> list[UnfoldAction]: ...
    def get_actions_submit_line(self, request: HttpRequest, object_id: int | str) -> list[UnfoldAction]: ...
    def _create_formsets(
        self, request: HttpRequest, obj: _Record | None, change: bool
    ) -> tuple[list[BaseModelFormSet[Any, ModelForm[Any]]], list[Any]]: ...
    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: dict[str, Any] | None
    ) -> HttpResponse: ...
    def _get_actions_navigation(
        self, actions: list[Any], allowed: Sequence[UnfoldAction], object_id: int | str | None = None
    ) -> list[dict[str, object]]: ...
    def _filter_unfold_actions_by_permissions(
        self, request: HttpRequest, actions: list[UnfoldAction], object_id: int | str | None = None
    ) -> list[UnfoldAction]: ...

class _Inline(admin.options.InlineModelAdmin[_Child, _Parent]):
    tab: bool
    per_page: int | None
    hide_title: bool
    ordering_field: str
    hide_ordering_field: bool

class TabularInline(_Inline[_Child, _Parent], admin.TabularInline[_Child, _Parent]): ...
class StackedInline(_Inline[_Child, _Parent], admin.StackedInline[_Child, _Parent]): ...
