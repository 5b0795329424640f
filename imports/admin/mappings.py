"""Saved mappings."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from console.kit import ChoiceFilter, ConsoleModelAdmin
from imports.admin.pages import person
from imports.choices import Dates, DecimalMark
from imports.columns import MappingEntry
from imports.kinds import KINDS
from imports.models import ImportMapping


@admin.register(ImportMapping)
class ImportMappingAdmin(ConsoleModelAdmin[ImportMapping]):
    """Mappings are made on the mapping page of a file; here they are looked at, renamed, deleted."""

    list_display = ("name", "kind", "column_count", "updated_at")
    list_filter = (("kind", ChoiceFilter),)
    search_fields = ("name",)
    empty_state = _("No mapping is saved yet. Import a file and give its mapping a name.")
    readonly_fields = ("kind", "which", "dates", "numbers", "updated_at")
    fieldsets = ((None, {"fields": ("name", "kind", "dates", "numbers", "updated_at", "which")}),)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description=_("columns"))
    def column_count(self, mapping: ImportMapping) -> int:
        return len(mapping.columns)

    @display(description=_("dates"))
    def dates(self, mapping: ImportMapping) -> str:
        return str(Dates(mapping.formats.get("dates") or Dates.AUTO).label)

    @display(description=_("numbers"))
    def numbers(self, mapping: ImportMapping) -> str:
        return str(DecimalMark(mapping.formats.get("decimal") or DecimalMark.AUTO).label)

    @display(description=_("columns"))
    def which(self, mapping: ImportMapping) -> str:
        columns = KINDS[mapping.kind](by=mapping.reader).columns() if mapping.reader else ()
        labels = {column.key: column.label for column in columns}
        return format_html_join(
            "",
            '<div class="flex gap-2 py-1"><span class="font-semibold w-48">{}</span><span>{}</span></div>',
            ((labels.get(key, key), describe(entry)) for key, entry in mapping.columns.items()),
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ImportMapping | None:
        mapping: ImportMapping | None = super().get_object(request, object_id, from_field)
        if mapping is not None:
            mapping.reader = person(request)
        return mapping


def describe(entry: MappingEntry) -> str:
    """Where the values of a column come from, in words."""
    words = []
    if entry.get("from"):
        words.append(" + ".join(entry["from"]))
    if entry.get("fixed"):
        words.append(f"“{entry['fixed']}”")
    words += [f"{theirs} → {ours}" for theirs, ours in (entry.get("values") or {}).items()]
    return " · ".join(words)
