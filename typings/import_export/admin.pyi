from typing import Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

_Record = TypeVar("_Record", bound=Model)

# In truth a mixin; every class of ours that has it is a page of the console.
class ExportMixin(ModelAdmin[_Record]):
    export_form_class: type[Any]
    export_template_name: str
    def get_export_queryset(self, request: HttpRequest) -> QuerySet[_Record]: ...
    def init_request_context_data(self, request: HttpRequest, form: forms.Form) -> dict[str, Any]: ...
