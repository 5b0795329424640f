"""The export of a list of the console: its page, and the rows it is about."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Generic

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin
from import_export.formats.base_formats import Format
from unfold.contrib.import_export.forms import SelectableFieldsExportForm

from audit.conventions import CONVENTIONS, Cell, Convention, convention_of, usual_convention
from audit.headers import file_header, file_name, header
from console.addresses import UnknownParameter, left_out, say_left_out
from console.errors import NotAllowed, Refused
from console.exporting.columns import Columns, columns_of, related_in, resource_of
from console.exporting.formats import FORMATS, as_text, write_rows
from console.once import digest_of_form, key_of, new_key, sending
from console.shapes import AnyPrefetch, AnyResource, AnyRows, Record

# As the page names them, in the order of FORMATS.
FORMAT_WORDS = ("CSV", "Excel (XLSX)", "TSV")
# What the session remembers of somebody's last file.
CHOSEN = "export_convention"


class ExportForm(SelectableFieldsExportForm):
    """Which columns, in the words of the list, and which format."""

    def __init__(self, formats: Sequence[type[Format]], resources: Sequence[type[AnyResource]], **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].initial = "0"

    def _get_field_label(self, resource: AnyResource, field_name: str) -> str:
        return str(resource.fields[field_name].column_name)


if TYPE_CHECKING:
    _Exports = ExportMixin[Record]
else:

    class _Exports(ExportMixin, Generic[Record]):
        pass


class ListExports(_Exports[Record]):
    """Part of every list of the console: the same rows as a file.

    ``export_columns``: (path to the value or a function of the record, heading); without it, every column of the model
    that people may read. ``export_prefetch``: relations that functions among them read. ``export_known_by``: heading
    of the column by which an import recognises the rows, if there is such an import. ``export_stays``: what such an
    import leaves as it is, though the file has columns of it; a sentence.
    """

    export_form_class = ExportForm
    export_template_name = "console/export.html"
    export_columns: Columns = ()
    export_prefetch: Sequence[str | AnyPrefetch] = ()
    export_known_by: str | Promise = ""
    export_stays: str | Promise = ""

    if TYPE_CHECKING:
        # Of the page it is part of.
        def not_offered(self, request: HttpRequest, refusal: UnknownParameter) -> HttpResponse: ...
        def list_url(self) -> str: ...

    def get_export_formats(self) -> list[type[Format]]:
        return list(FORMATS.values())

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[AnyResource]]:
        return [resource_of(self.model, self._columns())]

    def _columns(self) -> Columns:
        return self.export_columns or columns_of(self.model)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever sees the list may have it as a file."""
        return bool(self.has_view_permission(request))

    def get_export_queryset(self, request: HttpRequest) -> AnyRows:
        related = related_in(self.model, self._columns())
        rows = super().get_export_queryset(request)
        # Beside a relation of which only some columns are loaded, nothing more can be asked for.
        rows = rows.select_related(*related) if related else rows
        return rows.prefetch_related(*self.export_prefetch) if self.export_prefetch else rows

    def export_rows(self, request: HttpRequest, names: Sequence[str], rows: AnyRows) -> Iterator[Sequence[Cell]]:
        """The headings, then each record, with the columns that were asked for."""
        resource = self.get_export_resource_classes(request)[0]()
        wanted = [name for name in resource.get_export_order() if name in names]
        yield resource.get_export_headers(selected_fields=wanted)
        for record in resource.iter_queryset(rows):
            yield resource.export_resource(record, selected_fields=wanted)

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """The page that asks for format and columns; then the file, or the promise of one."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_export_queryset(request)
        except UnknownParameter as refusal:
            return self.not_offered(request, refusal)
        if left_out(request):
            # A file outlives the page that says what it does not narrow by: there is none.
            say_left_out(request)
            messages.error(request, _("Nothing was exported. Set the filters of the list again first."))
            return HttpResponseRedirect(self.list_url())
        most = settings.EXPORT_ROWS_AT_ONCE
        count = rows.order_by()[: most + 1].count()
        form = self.export_form_class(
            self.get_export_formats(), self.get_export_resource_classes(request), data=request.POST or None
        )
        if request.method == "POST" and form.is_valid():
            format_name = list(FORMATS)[int(form.cleaned_data["format"])]
            names = form.get_selected_resource_export_fields()
            convention = convention_of(request.POST.get("convention") or request.session.get(CHOSEN))
            request.session[CHOSEN] = convention.name
            if count <= most:
                return as_answer(self.export_rows(request, names, rows), self._file_name(), format_name, convention)
            try:
                return self._promised(request, names, format_name, convention)
            except (Refused, NotAllowed) as refusal:
                form.add_error(None, str(refusal))
        context = self.init_request_context_data(request, form) | {
            "title": _("Export: %s") % capfirst(str(self.model._meta.verbose_name_plural)),
            "count": count,
            "formats": [(str(place), label) for place, label in enumerate(FORMAT_WORDS)],
            "format": str(form["format"].value() or "0"),
            "conventions": CONVENTIONS.values(),
            "convention": convention_of(request.POST.get("convention") or request.session.get(CHOSEN)).name,
            "known_by": self.export_known_by,
            "stays": self.export_stays,
            "in_background": count > most,
            "most": most,
            "export_url": request.get_full_path(),
            "once": key_of(request) or new_key(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, [self.export_template_name], context)

    def _promised(
        self, request: HttpRequest, names: Sequence[str], format_name: str, convention: Convention
    ) -> HttpResponseBase:
        # Only now: the console's bases are read before there are any models.
        from console.exporting.runs import request_export

        with sending(request.user, request.path, key_of(request), digest_of_form(request), may_change=True) as sent:
            if not sent.is_repeated:
                request_export(
                    source=self.model._meta.label_lower,
                    title=capfirst(str(self.model._meta.verbose_name_plural)),
                    query=request.GET.urlencode(),
                    columns=names,
                    format_name=format_name,
                    convention=convention.name,
                    by=request.user,
                )
        messages.success(request, _("The file is being written. You will find it here; you can leave this page."))
        return HttpResponseRedirect(reverse("admin:console_listexport_changelist"))

    def _file_name(self) -> str:
        return file_name_of(str(self.model._meta.verbose_name_plural), timezone.localdate())


def file_name_of(title: str, day: date) -> str:
    """What a file is called, without its ending: customers-2026-12-01, aufträge-2026-12-01."""
    return f"{slugify(title, allow_unicode=True) or 'export'}-{day:%Y-%m-%d}"


def as_answer(
    rows: Iterator[Sequence[Cell]], name: str, format_name: str, convention: Convention | None = None
) -> HttpResponseBase:
    """Rows as a file that the browser keeps. Text goes out while it is read; a workbook has to be whole first.

    ``convention``: how it is written; the reader's usual one, unless given.
    """
    kind = FORMATS[format_name]()
    called = f"{name}.{kind.get_extension()}"
    if format_name == "xlsx":
        file = TemporaryFile()  # noqa: SIM115  (the answer closes it)
        write_rows(rows, file, format_name, convention=convention)
        file.seek(0, io.SEEK_SET)
        return FileResponse(
            file, as_attachment=True, filename=file_name(called), content_type=header(kind.get_content_type())
        )
    return StreamingHttpResponse(
        as_text(rows, format_name, convention or usual_convention()),
        content_type=header(f"{kind.get_content_type()}; charset=utf-8"),
        headers={"Content-Disposition": file_header(called, to_keep=True)},
    )
