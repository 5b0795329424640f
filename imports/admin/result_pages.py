"""Steps 4 and 5: how far it is, what became of each row, and the files one can have afterwards."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.headers import file_name
from console.addresses import keep_readable, leave_out, say_left_out, shortened
from console.errors import Refused
from imports.admin.pages import RunPages, of_run, person
from imports.choices import ROW_STATE_COLOURS, Existing, RecordKind, RowState, RunState
from imports.files_out import as_download, failed_rows
from imports.kinds import KINDS
from imports.models import ImportRow, ImportRun
from imports.services.files import path_of
from imports.services.mappings import column_names

ROWS_ON_A_PAGE = 50
# Of the rows that were left some are in Portico, and some are nowhere.
_FILTER_WORDS: dict[str, Promise] = {RowState.SKIPPED: gettext_lazy("Left")}


class ResultPages(RunPages):
    """Progress, result, downloads."""

    def result_context(self, request: HttpRequest, run: ImportRun) -> dict[str, object]:
        """What the page of a run that is over shows."""
        rows = run.rows.all()
        requested = request.GET.get("result", "")
        state = "".join(keep_readable(request, [requested], RowState.values, _("Rows")))
        if state:
            rows = rows.filter(state=state)
        counts = {"made": run.made, "changed": run.changed, "skipped": run.skipped, "failed": run.failed}
        pages = Paginator(rows, ROWS_ON_A_PAGE)
        pages.count = counts[state] if state in counts else sum(counts.values())
        number = request.GET.get("page", "")
        page = pages.get_page(number)
        if number and number != str(page.number):
            words = {"requested": shortened(number), "shown": page.number}
            leave_out(request, _("There is no page “%(requested)s” of this list. This is page %(shown)d.") % words)
        say_left_out(request)
        return {
            "accepted_dates": _accepted_dates(run, by=person(request)),
            "names": column_names(run, by=person(request)) if any(row.problems for row in page) else None,
            "rest": _rest(run),
            "how_to_go_on": _how_to_go_on(run),
            "may_upload": self.has_add_permission(request),
            "counts": counts,
            "state": state,
            "page": page,
            "rows": [(row, *_became(run, row), self._record_url(request, run, row)) for row in page],
            "filters": [("", _("All rows"), pages.count if not state else sum(counts.values()))]
            + [
                (value, _FILTER_WORDS.get(value, label), counts[value])
                for value, label in RowState.choices
                if counts[value]
            ],
        }

    def _record_url(self, request: HttpRequest, run: ImportRun, row: ImportRow) -> str:
        model = KINDS[run.kind].model
        if row.object_id is None or not person(request).has_perm(
            f"{model._meta.app_label}.view_{model._meta.model_name}"
        ):
            return ""
        try:
            return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.object_id])
        except NoReverseMatch:
            return ""

    @of_run("view")
    def progress_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """The bar, for htmx to ask for again; when it is over the whole page is read anew."""
        if not run.is_with_worker:
            return HttpResponse(status=200, headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "imports/progress.html", {"run": run} | progress_of(run))

    @of_run("view")
    def failed_view(self, request: HttpRequest, run: ImportRun) -> HttpResponseBase:
        """The rows that failed, with the reason, to be corrected and uploaded again."""
        name = f"{run.download_name.rsplit('.', 1)[0]}-{_('failed')}.csv"
        return as_download(failed_rows(run, by=person(request)), name)

    @of_run("view")
    def file_view(self, request: HttpRequest, run: ImportRun) -> HttpResponseBase:
        """The file as it was uploaded."""
        try:
            return FileResponse(
                path_of(run).open("rb"),
                as_attachment=True,
                filename=file_name(run.download_name),
                content_type="application/octet-stream",
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.change_url(run))


def _accepted_dates(run: ImportRun, *, by: User) -> list[str]:
    """The columns whose dates somebody accepted though they are far from today, by name."""
    names = column_names(run, by=by) if run.accepted_dates else None
    return [names.of(key) for key in run.accepted_dates] if names else []


def _became(run: ImportRun, row: ImportRow) -> tuple[str, str]:
    """What became of a row in the end, in words, and the colour for it."""
    state = RowState(row.state)
    if row.object_id is None:
        if state == RowState.MADE and run.state == RunState.UNDONE:
            return _("Taken back"), "default"
        if state == RowState.SKIPPED:
            return _("Left out"), ROW_STATE_COLOURS[state]
    return str(state.label), ROW_STATE_COLOURS[state]


def _rest(run: ImportRun) -> int:
    """How many rows of the file a run that was stopped, or failed, has not come to."""
    if run.state not in (RunState.CANCELLED, RunState.FAILED):
        return 0
    return max(0, run.rows_total - (run.made + run.changed + run.skipped + run.failed))


def _how_to_go_on(run: ImportRun) -> str:
    """What to do for the rest of the file, and what becomes then of the rows that went in."""
    if run.kind == RecordKind.JOBS and "external_id" not in run.columns and run.made:
        return (
            _(
                "The file has no external IDs, so uploading it again would make its first jobs twice: undo this import "
                "first, or take the rows up to row %d out of the file."
            )
            % run.rows_done
        )
    if run.existing == Existing.UPDATE:
        return _(
            "Upload the file again to go on, and choose once more that rows that are in Portico already are changed. "
            "Those that say what the file says stay as they are."
        )
    return _("Upload the file again to go on: rows that are in Portico already stay as they are.")


def progress_of(run: ImportRun) -> dict[str, int | None]:
    """Numbers for the bar: percent, rows a second, seconds left."""
    done = run.made + run.changed + run.skipped + run.failed
    total = run.rows_total
    if run.state == RunState.UNDOING:
        done, total = run.rows_done, run.made + run.changed
    elif run.state == RunState.CHECKING:
        done = run.rows_done
    rate = done / run.seconds if run.state == RunState.RUNNING and run.seconds else 0.0
    return {
        "done": done,
        "total": total,
        "percent": min(100, round(100 * done / total)) if total else 0,
        "rate": round(rate),
        "left": round((total - done) / rate) if rate and total else None,
    }
