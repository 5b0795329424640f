"""Exports: the long lists a person asked for, each with its file, its progress and its end."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.enums import ActionVariant

from audit.headers import file_name
from console.errors import Refused
from console.exporting.runs import delete_export, file_of
from console.kit import ConsoleModelAdmin, DialogForm, console_action
from console.kit.shapes import Context
from console.models import ListExport, ListExportQuerySet

COLOURS = {"waiting": "info", "writing": "info", "ready": "success", "failed": "danger"}


@admin.register(ListExport)
class ListExportAdmin(ConsoleModelAdmin[ListExport]):
    """Made by the Export button of a list that is too long to wait for. Everybody sees her own, administrators too."""

    list_display = ("what", "state_badge", "progress", "requested", "kept_until", "download_")
    list_display_links = ("what",)
    sortable_by = ()
    list_before_template = "console/exports_before.html"
    search_fields = ("title",)
    fields = ("what", "progress", "requested", "kept_until", "problem", "download_")
    readonly_fields = fields
    actions_detail = ("remove",)
    empty_state = gettext_lazy(
        "No file yet. The Export button of a list makes one: a short list comes at once, a long one appears here."
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ListExport]:
        return super().get_queryset(request).filter(owner=request.user.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ListExport | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: ListExport | None = None) -> bool:
        return self._may(request, "view", obj) and (obj is None or obj.owner_id == request.user.pk)

    def has_delete_permission(self, request: HttpRequest, obj: ListExport | None = None) -> bool:
        return False

    def has_remove_permission(self, request: HttpRequest, obj: ListExport | None = None) -> bool:
        """Hers to remove."""
        return self._may(request, "delete", obj) and (obj is None or obj.owner_id == request.user.pk)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """A list of files is no list one would take along."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        waiting = False
        if self.has_view_permission(request):
            rows = self.get_queryset(request)
            assert isinstance(rows, ListExportQuerySet)
            waiting = rows.waiting().exists()
        return super().changelist_view(request, {"waiting": waiting, "title": _("Exports")} | (extra_context or {}))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Context | None = None) -> HttpResponse:
        """There is none: it is written once and forgotten."""
        raise Http404

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        return [path("<int:object_id>/file/", view, name="console_listexport_file"), *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file, for its owner, while she may see the list it is of."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = self.record(request, object_id)
        if export is None:
            raise Http404
        try:
            file, name = file_of(export, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.list_url())
        return FileResponse(file, as_attachment=True, filename=file_name(name), content_type="application/octet-stream")

    # --- the list

    @display(description=gettext_lazy("list"), header=True)
    def what(self, export: ListExport) -> list[str]:
        return [export.title, export.format.upper()]

    @display(description=gettext_lazy("state"), label=COLOURS)
    def state_badge(self, export: ListExport) -> tuple[str, str]:
        return export.state, export.get_state_display()

    @display(description=gettext_lazy("rows"))
    def progress(self, export: ListExport) -> str:
        if export.state == ListExport.State.READY:
            return f"{export.rows_total} · {filesizeformat(export.size)}"
        if export.state == ListExport.State.FAILED:
            return export.problem
        if export.rows_total:
            words = {"done": export.rows_done, "total": export.rows_total, "percent": export.percent}
            return _("%(done)d of %(total)d, %(percent)d %%") % words
        return "–"

    @display(description=gettext_lazy("asked for"))
    def requested(self, export: ListExport) -> str:
        return date_format(localtime(export.asked_at), "SHORT_DATETIME_FORMAT")

    @display(description=gettext_lazy("kept until"))
    def kept_until(self, export: ListExport) -> str:
        return date_format(localtime(export.expires_at), "SHORT_DATETIME_FORMAT") if export.expires_at else "–"

    @display(description=gettext_lazy("file"))
    def download_(self, export: ListExport) -> str:
        if export.state != ListExport.State.READY or export.is_expired:
            return "–"
        url = reverse("admin:console_listexport_file", args=[export.pk])
        return format_html(
            '<a class="pc-export-link" href="{}">'
            '<span class="material-symbols-outlined" aria-hidden="true">download</span>{}</a>',
            url,
            _("Download"),
        )

    @console_action(
        permission="remove",
        description=gettext_lazy("Remove"),
        text=gettext_lazy("The file is deleted. The list itself stays as it is, and can be exported again."),
        icon="delete",
        variant=ActionVariant.DANGER,
    )
    def remove(self, request: HttpRequest, export: ListExport, form: DialogForm) -> HttpResponse:
        delete_export(export)
        messages.success(request, _("The file was removed."))
        return HttpResponseRedirect(self.list_url())
