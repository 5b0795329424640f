"""The list of imports, the page of one by its state, and the buttons: import, stop, undo, discard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.enums import ActionVariant

from console.kit import ChoiceFilter, DayRangeFilter, DialogForm, console_action
from console.shapes import Context
from imports.admin.check_pages import CheckPages
from imports.admin.pages import of_run, person
from imports.admin.result_pages import ResultPages, progress_of
from imports.admin.upload_pages import UploadPages
from imports.choices import RUN_STATE_COLOURS, RecordKind, RunState
from imports.forms import CommitForm
from imports.models import ImportRun
from imports.notices import results_in_words
from imports.services import (
    cancel_run,
    commit_run,
    delete_run,
    start_undo,
    templates_of_check,
    undo_would_keep,
    what_undo_would_do,
)


def _commit_text(request: HttpRequest, run: ImportRun) -> str:
    if "counts" not in run.report:
        return _("This file was not checked yet. Say which column is which first.")
    counts = run.report["counts"]
    sentences = []
    if counts["made"]:
        sentences.append(ngettext("%d record is made.", "%d records are made.", counts["made"]) % counts["made"])
    if changed := counts["changed"]:
        sentences.append(ngettext("%d record is changed.", "%d records are changed.", changed) % changed)
    if new := run.report.get("new_customers"):
        sentences.append(ngettext("%d new customer is made.", "%d new customers are made.", new) % new)
    if run.kind == RecordKind.PORTAL_USERS and counts["made"]:
        sentences.append(_("Each new person gets an invitation by e-mail."))
    if left := counts["skipped"]:
        sentences.append(ngettext("%d stays as it is.", "%d stay as they are.", left) % left)
    if failed := counts["failed"]:
        sentences.append(
            ngettext(
                "%d row with a problem is left out; you can download and correct it.",
                "%d rows with problems are left out; you can download and correct them.",
                failed,
            )
            % failed
        )
    if at := run.report.get("at"):
        sentences.append(
            _("As checked at %s. What has changed since then counts: each row is looked at again.") % _moment(at)
        )
    return " ".join(sentences)


def _moment(written: str) -> str:
    """A moment as it is said today: the time, and the day too when it was another."""
    at = timezone.localtime(datetime.fromisoformat(written))
    return date_format(at, "TIME_FORMAT" if at.date() == timezone.localdate() else "SHORT_DATETIME_FORMAT")


def _kept_words(kept: int) -> str:
    return ngettext("%d record was touched and would stay.", "%d records were touched and would stay.", kept) % kept


def _templates_words(count: int) -> str:
    return (
        ngettext(
            "%d template was made from its check: it goes too, unless somebody has changed or used it.",
            "%d templates were made from its check: those nobody has changed or used go too.",
            count,
        )
        % count
    )


def _undo_text(request: HttpRequest, run: ImportRun) -> str:
    numbers = what_undo_would_do(run)
    made, changed = numbers["made"], numbers["changed"]
    said = [
        ngettext("Removes %d record this import made.", "Removes %d records this import made.", made) % made,
        ngettext("Changes %d record back to what it was.", "Changes %d records back to what they were.", changed)
        % changed,
        _("Whatever somebody has touched since stays, and is named. New customers nobody uses go too."),
    ]
    text = " ".join(said)
    if count := templates_of_check(run):
        text += " " + _templates_words(count)
    if kept := undo_would_keep(run, by=person(request)):
        text += " " + _kept_words(kept)
    return text


def _discard_text(request: HttpRequest, run: ImportRun) -> str:
    text = _("The file and its mapping are forgotten. Nothing was imported from it.")
    if count := templates_of_check(run):
        stay = ngettext("%d template made from its check stays.", "%d templates made from its check stay.", count)
        text += " " + stay % count
    return text


@admin.register(ImportRun)
class ImportRunAdmin(UploadPages, CheckPages, ResultPages):
    """The list of runs is a list like any; a run's own page is what its state calls for."""

    list_display = ("named_file", "state_badge", "row_count", "results", "uploaded_by", "uploaded_at")
    list_filter = (("state", ChoiceFilter), ("kind", ChoiceFilter), ("uploaded_at", DayRangeFilter))
    search_fields = ("file_name", "uploaded_by__name_search", "uploaded_by__email")
    list_select_related = ("uploaded_by",)
    list_before_template = "imports/list_before.html"
    ordering = ("-id",)
    actions_detail = ("commit", "cancel", "undo", "discard")
    export_columns = (
        ("file_name", gettext_lazy("File")),
        ("kind", gettext_lazy("Kind")),
        ("state", gettext_lazy("State")),
        ("uploaded_by", gettext_lazy("Uploaded by")),
        ("uploaded_at", gettext_lazy("Uploaded")),
        ("mapping_name", gettext_lazy("Mapping")),
        ("rows_total", gettext_lazy("Rows")),
        ("made", gettext_lazy("Made")),
        ("changed", gettext_lazy("Changed")),
        ("skipped", gettext_lazy("Left")),
        ("failed", gettext_lazy("Failed")),
        ("committed_by", gettext_lazy("Imported by")),
        ("started_at", gettext_lazy("Started")),
        ("finished_at", gettext_lazy("Finished")),
        ("undone_by", gettext_lazy("Undone by")),
        ("undone_at", gettext_lazy("Undone")),
        ("problem", gettext_lazy("What went wrong")),
    )
    empty_state = gettext_lazy("No file was imported yet. Press “Import a file” and begin with a small one.")

    # --- the list

    @display(description=gettext_lazy("file"), header=True, ordering="file_name")
    def named_file(self, run: ImportRun) -> list[str]:
        return [run.file_name, _("%(kind)s · no. %(number)d") % {"kind": run.get_kind_display(), "number": run.pk}]

    @display(description=gettext_lazy("state"), label=RUN_STATE_COLOURS, ordering="state")
    def state_badge(self, run: ImportRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=gettext_lazy("rows"), ordering="rows_total")
    def row_count(self, run: ImportRun) -> int | str:
        return run.rows_total or "–"

    @display(description=gettext_lazy("what became of them"))
    def results(self, run: ImportRun) -> str:
        return results_in_words(run)

    def has_delete_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        """Runs are kept: they say where things came from. What has written nothing can be discarded."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        context = {"may_import": self.has_add_permission(request), **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    # --- addresses

    def get_urls(self) -> list[URLPattern]:
        def named(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"imports_importrun_{name}")

        return [
            named("upload/", self.upload_view, "upload"),
            named("blank/<slug:kind>.csv", self.blank_view, "blank"),
            named("<int:object_id>/mapping/", self.mapping_view, "mapping"),
            named("<int:object_id>/try/", self.try_view, "try"),
            named("<int:object_id>/remedy/", self.remedy_view, "remedy"),
            named("<int:object_id>/rows/", self.rows_view, "rows"),
            named("<int:object_id>/progress/", self.progress_view, "progress"),
            named("<int:object_id>/failed.csv", self.failed_view, "failed"),
            named("<int:object_id>/file/", self.file_view, "file"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:imports_importrun_upload"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Context | None = None
    ) -> HttpResponse:
        answer = self.run_view(request, object_id)
        assert isinstance(answer, HttpResponse)
        return answer

    # --- what the state calls for

    @of_run("view")
    def run_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """The run's page: its check, its progress, or its result."""
        may_change = self.has_change_permission(request, run)
        context: dict[str, object] = {"title": run.file_name, "may_change": may_change}
        if run.state == RunState.UPLOADED:
            if may_change:
                if run.problem:
                    messages.error(request, run.problem)
                return HttpResponseRedirect(reverse("admin:imports_importrun_mapping", args=[run.pk]))
            return self.page(request, "imports/run.html", "columns", run, context)
        if run.is_with_worker:
            step = "check" if run.state == RunState.CHECKING else "import"
            return self.page(request, "imports/running.html", step, run, context | progress_of(run))
        if run.state == RunState.CHECKED:
            return self.page(request, "imports/check.html", "check", run, context | self.check_context(request, run))
        return self.page(request, "imports/result.html", "result", run, context | self.result_context(request, run))

    # --- buttons

    @console_action(
        permission="change",
        description=gettext_lazy("Import"),
        text=_commit_text,
        form_class=CommitForm,
        possible=lambda run: (
            run.state == RunState.CHECKED and bool(run.report["counts"]["made"] + run.report["counts"]["changed"])
        ),
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def commit(self, request: HttpRequest, run: ImportRun, form: CommitForm) -> str:
        commit_run(
            run,
            by=person(request),
            announce=form.cleaned_data.get("announce", True),
            all_or_nothing=form.cleaned_data["all_or_nothing"],
            change_open_jobs=form.cleaned_data.get("change_open_jobs", False),
        )
        return _("The import has begun. You can leave this page; it goes on without you.")

    @console_action(
        permission="change",
        description=gettext_lazy("Stop"),
        text=gettext_lazy("What is written so far stays, and can be undone. The rest of the file is left."),
        possible=lambda run: run.state in (RunState.CHECKING, RunState.QUEUED, RunState.RUNNING),
        icon="stop_circle",
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, run: ImportRun, form: DialogForm) -> str:
        cancel_run(run, by=person(request))
        return _("The import stops.")

    @console_action(
        permission="change",
        description=gettext_lazy("Undo this import"),
        text=_undo_text,
        possible=lambda run: run.is_over and run.state != RunState.UNDONE and bool(run.made + run.changed),
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def undo(self, request: HttpRequest, run: ImportRun, form: DialogForm) -> str:
        run = start_undo(run, by=person(request))
        return _("The import is undone.") if run.state == RunState.UNDONE else _("The import is being undone.")

    @console_action(
        permission="change",
        description=gettext_lazy("Discard"),
        text=_discard_text,
        possible=lambda run: run.state in (RunState.UPLOADED, RunState.CHECKED),
        icon="delete",
    )
    def discard(self, request: HttpRequest, run: ImportRun, form: DialogForm) -> str:
        delete_run(run, by=person(request))
        return _("The file was discarded.")
