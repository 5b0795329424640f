"""Lists as files: the rows somebody sees, and no others, with the columns a list declares.

django-import-export asks for format and columns and writes the file; which rows there are is decided by the list
itself, with its filters, its search and the person's grants. What a spreadsheet would take for a formula is defused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import SelectableFieldsExportForm

# A file is made in one piece, in memory.
MOST_ROWS = 50_000

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"^[-+]?[\d\s.,'’]*\d$")


def defused(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before it. Numbers stay numbers."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.match(text) else text


class _Shown(fields.Field):
    """A value as people read it: the label of a choice, local time, the name of a record."""

    def export(self, instance: Any, **kwargs: Any) -> str:
        owner, _dot, last = str(self.attribute).rpartition("__")
        for name in filter(None, owner.split("__")):
            instance = getattr(instance, name, None)
        if instance is None:
            return ""
        display = getattr(instance, f"get_{last}_display", None)
        value = display() if display else getattr(instance, last)
        if value is None:
            return ""
        if isinstance(value, datetime):
            value = f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        return defused(str(value))


def resource_of(model: type[models.Model], columns: Sequence[tuple[str, Any]]) -> type[resources.ModelResource]:
    """The resource that writes those columns: (path to the value, heading)."""
    made: dict[str, Any] = {
        path: _Shown(attribute=path, column_name=str(heading), readonly=True) for path, heading in columns
    }
    made["Meta"] = type("Meta", (), {"model": model, "fields": tuple(made), "export_order": tuple(made)})
    return type(f"{model.__name__}Export", (resources.ModelResource,), made)


class ExportForm(SelectableFieldsExportForm):
    """Which columns, in the words of the list, and which format."""

    def _get_field_label(self, resource: Any, field_name: str) -> str:
        return str(resource.fields[field_name].column_name)


class ConsoleExport(ExportMixin):
    """Stands before ConsoleModelAdmin: adds an export to a list. ``export_columns``: (path to the value, heading)."""

    export_form_class = ExportForm
    export_columns: Sequence[tuple[str, Any]] = ()

    def get_export_formats(self) -> list[Any]:
        return [CSV, XLSX]

    def get_export_resource_classes(self, request: HttpRequest) -> list[Any]:
        return [resource_of(self.model, self.export_columns)]  # type: ignore[attr-defined]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))  # type: ignore[attr-defined]

    def get_export_queryset(self, request: HttpRequest) -> Any:
        related = {path.rpartition("__")[0] for path, _heading in self.export_columns} - {""}
        return super().get_export_queryset(request).select_related(*related)

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The page that asks for format and columns, and the file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        if self.get_export_queryset(request).order_by()[: MOST_ROWS + 1].count() > MOST_ROWS:
            messages.error(
                request, _("These are more than %d rows. Narrow the list with its filters first.") % MOST_ROWS
            )
            meta = self.model._meta  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        return super().export_action(request)
