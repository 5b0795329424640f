from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from console.shapes import Words

class DropdownFilter(admin.SimpleListFilter):
    parameter_name: str
    # What Django's stubs ask for more narrowly.
    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Words]]: ...
    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any] | None: ...
    all_option: list[Any] | None
    form_class: type[Any]

class _FieldFilter(admin.FieldListFilter):
    lookup_kwarg: str
    lookup_val: Any
    form_class: type[Any]
    all_option: list[Any] | None

class ChoicesDropdownFilter(_FieldFilter, admin.ChoicesFieldListFilter):
    def value(self) -> str | None: ...

class MultipleChoicesDropdownFilter(ChoicesDropdownFilter):
    multiple: bool

class BooleanRadioFilter(_FieldFilter, admin.BooleanFieldListFilter):
    def value(self) -> str | None: ...

class AllValuesCheckboxFilter(_FieldFilter, admin.AllValuesFieldListFilter): ...

class RelatedDropdownFilter(_FieldFilter, admin.RelatedFieldListFilter):
    model_admin: admin.ModelAdmin[Any]
    def value(self) -> str | None: ...

class MultipleRelatedDropdownFilter(RelatedDropdownFilter):
    multiple: bool

class AutocompleteSelectMultipleFilter(MultipleRelatedDropdownFilter): ...

class RangeDateFilter(admin.FieldListFilter):
    parameter_name: str
    request: Any
    form_class: type[Any]
