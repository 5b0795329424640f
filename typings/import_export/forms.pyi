from collections.abc import Sequence
from typing import Any

from django import forms
from import_export.formats.base_formats import Format
from import_export.resources import ModelResource

class SelectableFieldsExportForm(forms.Form):
    def __init__(
        self, formats: Sequence[type[Format]], resources: Sequence[type[ModelResource[Any]]], **kwargs: Any
    ) -> None: ...
    def get_selected_resource_export_fields(self) -> list[str]: ...
    def _get_field_label(self, resource: ModelResource[Any], field_name: str) -> str: ...
