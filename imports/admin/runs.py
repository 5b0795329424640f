"""Imports: upload, columns, check, commit, progress, result, undo. The list of runs."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.enums import ActionVariant

from imports import reading
from imports.choices import (
    ROW_STATE_COLOURS,
    RUN_STATE_COLOURS,
    Kind,
    RowState,
    RunState,
)
from imports.files_out import blank_file, failed_rows
from imports.forms import CommitForm, MappingForm, ReadingForm, UploadForm
from imports.kinds import KINDS
from imports.models import ImportMapping, ImportRun
from imports.plan import SAME_VALUE, named
from imports.reading import Reading
from imports.services import (
    cancel_run,
    commit_run,
    delete_run,
    guess_mapping,
    map_value,
    save_mapping,
    set_mapping,
    set_reading,
    start_check,
    start_undo,
    upload_file,
    what_undo_would_do,
)
from imports.services.files import path_of
from permissions.console import ConsoleModelAdmin, DialogForm, console_action
from permissions.errors import NotAllowed, Refused

ROWS_ON_A_PAGE = 50
# What a row is called before anything is written.
PLAN_WORDS = {
    RowState.MADE: gettext_lazy("New"),
    RowState.CHANGED: gettext_lazy("Change"),
    RowState.SKIPPED: gettext_lazy("Left"),
}
STEPS = (
    ("upload", gettext_lazy("Upload")),
    ("columns", gettext_lazy("Columns")),
    ("check", gettext_lazy("Check")),
    ("import", gettext_lazy("Import")),
    ("result", gettext_lazy("Result")),
)


def _of_run(permission: str) -> Any:
    """A page about one run: fetched through the scoped queryset; strangers 404, insiders without the right 403."""

    def decorate(view: Any) -> Any:
        @wraps(view)
        def page(model_admin: ImportRunAdmin, request: HttpRequest, object_id: str, **kwargs: Any) -> HttpResponse:
            run = model_admin.record(request, object_id)
            if run is None:
                raise Http404
            if not getattr(model_admin, f"has_{permission}_permission")(request, run):
                raise PermissionDenied
            return view(model_admin, request, run, **kwargs)

        return page

    return decorate


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
    if run.kind == Kind.PORTAL_USERS and counts["made"]:
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
    return " ".join(sentences)


def _undo_text(request: HttpRequest, run: ImportRun) -> str:
    numbers = what_undo_would_do(run)
    return (
        _(
            "Removes %(made)d records this import made and changes %(changed)d back to what they were. Whatever "
            "somebody has touched since stays, and is named. New customers nobody uses go too."
        )
        % numbers
    )


@admin.register(ImportRun)
class ImportRunAdmin(ConsoleModelAdmin):
    """The list of runs is a list like any; a run's own page is what its state calls for."""

    list_display = ("named_file", "state_badge", "row_count", "results", "uploaded_by", "uploaded_at")
    list_filter = ("state", "kind", "uploaded_at")
    search_fields = ("file_name", "uploaded_by__full_name", "uploaded_by__email")
    list_select_related = ("uploaded_by",)
    list_before_template = "imports/list_before.html"
    ordering = ("-id",)
    actions_detail = ("commit", "cancel", "undo", "discard")
    empty_state = gettext_lazy("No file was imported yet. Press “Import a file” and begin with a small one.")

    # --- the list

    @display(description=gettext_lazy("file"), header=True, ordering="file_name")
    def named_file(self, run: ImportRun) -> list[str]:
        return [run.file_name, str(run.get_kind_display())]

    @display(description=gettext_lazy("state"), label=RUN_STATE_COLOURS, ordering="state")
    def state_badge(self, run: ImportRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=gettext_lazy("rows"), ordering="rows_total")
    def row_count(self, run: ImportRun) -> Any:
        return run.rows_total or "–"

    @display(description=gettext_lazy("what became of them"))
    def results(self, run: ImportRun) -> str:
        words = [
            (run.made, _("%d made")),
            (run.changed, _("%d changed")),
            (run.skipped, _("%d left")),
            (run.failed, _("%d failed")),
        ]
        return ", ".join(word % number for number, word in words if number) or "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Runs are kept: they say where things came from. What has written nothing can be discarded."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(
            request, {"may_import": self.has_add_permission(request)} | (extra_context or {})
        )

    # --- addresses

    def get_urls(self) -> list[Any]:
        def named(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"imports_importrun_{name}")

        return [
            named("upload/", self.upload_view, "upload"),
            named("blank/<slug:kind>.csv", self.blank_view, "blank"),
            named("<int:object_id>/mapping/", self.mapping_view, "mapping"),
            named("<int:object_id>/value/", self.value_view, "value"),
            named("<int:object_id>/progress/", self.progress_view, "progress"),
            named("<int:object_id>/failed.csv", self.failed_view, "failed"),
            named("<int:object_id>/file/", self.file_view, "file"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:imports_importrun_upload"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self.run_view(request, object_id=object_id)

    # --- step 1: upload

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": Kind.JOBS})
        if request.method == "POST" and form.is_valid():
            try:
                run = upload_file(form.cleaned_data["file"], by=request.user, kind=form.cleaned_data["kind"])
            except NotAllowed as refusal:
                raise PermissionDenied(str(refusal)) from None
            except Refused as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(reverse("admin:imports_importrun_mapping", args=[run.pk]))
        context = {"form": form, "kinds": Kind.choices, "title": _("Import a file")}
        return self._page(request, "imports/upload.html", "upload", None, context)

    def blank_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """A file with every column's name and a row to show how."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if kind not in KINDS:
            raise Http404
        return _as_download(blank_file(KINDS[kind](by=request.user)), f"{kind}.csv")

    # --- step 2: which column is which

    @_of_run("change")
    def mapping_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        if not run.is_being_prepared:
            return HttpResponseRedirect(self.change_url(run))
        if request.method == "POST" and request.POST.get("do") == "read":
            return self._correct_reading(request, run)
        mapping = self._mapping_to_begin_with(request, run)
        kind = KINDS[run.kind](by=request.user, existing=run.existing)
        may_change = request.user.has_perm(kind.change_permission)
        posted = request.POST if request.method == "POST" else None
        form = MappingForm(run, kind, mapping, posted, may_change=may_change)
        if posted and form.is_valid() and (answer := self._set_mapping(request, run, form)):
            return answer
        return self._mapping_page(request, run, form)

    def _mapping_to_begin_with(self, request: HttpRequest, run: ImportRun) -> Any:
        if chosen := request.GET.get("mapping", ""):
            saved = ImportMapping.objects.filter(kind=run.kind, name=chosen).first()
            if saved is not None:
                return saved.columns, saved.formats, saved.name
        if run.columns:
            return run.columns, run.formats, run.mapping_name
        return guess_mapping(run, by=request.user)

    def _set_mapping(self, request: HttpRequest, run: ImportRun, form: MappingForm) -> HttpResponse | None:
        """Keeps what she chose and checks the file by it; None, with the sentences on the form, when it cannot work."""
        name = form.cleaned_data["save_as"].strip()
        try:
            run = set_mapping(
                run,
                form.columns(),
                by=request.user,
                formats=form.formats(),
                existing=form.cleaned_data.get("existing") or "skip",
                mapping_name=name,
            )
            if name:
                save_mapping(name, run, by=request.user)
            start_check(run, by=request.user)
        except Refused as refusal:
            for sentence in str(refusal).splitlines():
                form.add_error(None, sentence)
            return None
        return HttpResponseRedirect(self.change_url(run))

    def _correct_reading(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        form = ReadingForm(Reading.from_json(run.reading), request.POST)
        if form.is_valid():
            try:
                set_reading(run, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                messages.error(request, str(refusal))
        else:
            messages.error(request, _("That is not a way the file can be read."))
        return HttpResponseRedirect(reverse("admin:imports_importrun_mapping", args=[run.pk]))

    def _mapping_page(self, request: HttpRequest, run: ImportRun, form: MappingForm) -> HttpResponse:
        how = Reading.from_json(run.reading)
        try:
            first = reading.first_rows(path_of(run), how)
        except Refused as refusal:
            first = []
            messages.error(request, str(refusal))
        context = {
            "title": _("Which column is which?"),
            "form": form,
            "reading_form": ReadingForm(how),
            "how": how,
            "first": first,
            "examples": _examples(how, first),
            "saved": ImportMapping.objects.filter(kind=run.kind).values_list("name", flat=True),
        }
        return self._page(request, "imports/mapping.html", "columns", run, context)

    @_of_run("change")
    def value_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """A remedy: one wrong value, and what it means with us. The file is checked anew."""
        back = HttpResponseRedirect(self.change_url(run))
        if request.method != "POST":
            return back
        key, theirs, ours = (request.POST.get(name, "")[:2000] for name in ("column", "theirs", "ours"))
        try:
            start_check(map_value(run, key, theirs, ours, by=request.user), by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            said = _("“%(theirs)s” now means “%(ours)s”.") if ours else _("“%(theirs)s” now means nothing.")
            messages.success(request, said % {"theirs": theirs, "ours": ours})
        return back

    # --- steps 3 to 5: what the state calls for

    @_of_run("view")
    def run_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """The run's page: its check, its progress, or its result."""
        context: dict[str, Any] = {"title": run.file_name, "may_change": self.has_change_permission(request, run)}
        if run.state == RunState.UPLOADED:
            if context["may_change"]:
                if run.problem:
                    messages.error(request, run.problem)
                return HttpResponseRedirect(reverse("admin:imports_importrun_mapping", args=[run.pk]))
            return self._page(request, "imports/run.html", "columns", run, context)
        if run.is_with_worker:
            step = "check" if run.state == RunState.CHECKING else "import"
            return self._page(request, "imports/running.html", step, run, context | _progress(run))
        if run.state == RunState.CHECKED:
            return self._page(request, "imports/check.html", "check", run, context | self._check_context(request, run))
        return self._page(request, "imports/result.html", "result", run, context | self._result_context(request, run))

    def _check_context(self, request: HttpRequest, run: ImportRun) -> dict[str, Any]:
        kind = KINDS[run.kind](by=request.user, existing=run.existing)
        labels = {column.key: str(column.label) for column in kind.columns()}
        keys = {named(label, run.columns[key]): key for key, label in labels.items() if key in run.columns}
        shown = [key for key in run.columns if any(key in sample["cells"] for sample in run.report["samples"])]
        counts = run.report["counts"]
        return {
            "problems": [_with_remedy(group, keys, kind) for group in run.report["problems"]],
            "counts": counts,
            "writes": counts["made"] + counts["changed"],
            "sample_labels": [labels.get(key, key) for key in shown],
            "samples": [
                (sample["row"], PLAN_WORDS[sample["state"]], ROW_STATE_COLOURS[RowState(sample["state"])],
                 [sample["cells"].get(key, "") for key in shown])
                for sample in run.report["samples"]
            ],
        }  # fmt: skip

    def _result_context(self, request: HttpRequest, run: ImportRun) -> dict[str, Any]:
        rows = run.rows.all()
        state = request.GET.get("result", "")
        if state in RowState.values:
            rows = rows.filter(state=state)
        counts = {"made": run.made, "changed": run.changed, "skipped": run.skipped, "failed": run.failed}
        pages = Paginator(rows, ROWS_ON_A_PAGE)
        pages.count = counts[state] if state in counts else sum(counts.values())
        page = pages.get_page(request.GET.get("page"))
        return {
            "counts": counts,
            "state": state,
            "page": page,
            "rows": [
                (row, ROW_STATE_COLOURS[RowState(row.state)], self._record_url(request, run, row)) for row in page
            ],
            "filters": [("", _("All rows"), pages.count if not state else sum(counts.values()))]
            + [(value, label, counts[value]) for value, label in RowState.choices if counts[value]],
        }

    def _record_url(self, request: HttpRequest, run: ImportRun, row: Any) -> str:
        model = KINDS[run.kind].model
        if row.object_id is None or not request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            return ""
        try:
            return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.object_id])
        except NoReverseMatch:
            return ""

    @_of_run("view")
    def progress_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """The bar, for htmx to ask for again; when it is over the whole page is read anew."""
        if not run.is_with_worker:
            return HttpResponse(status=200, headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "imports/progress.html", {"run": run} | _progress(run))

    @_of_run("view")
    def failed_view(self, request: HttpRequest, run: ImportRun) -> HttpResponseBase:
        """The rows that failed, with the reason, to be corrected and uploaded again."""
        name = f"{run.file_name.rsplit('.', 1)[0]}-{_('failed')}.csv"
        return _as_download(failed_rows(run), name)

    @_of_run("view")
    def file_view(self, request: HttpRequest, run: ImportRun) -> HttpResponseBase:
        """The file as it was uploaded."""
        try:
            return FileResponse(
                path_of(run).open("rb"),
                as_attachment=True,
                filename=run.file_name,
                content_type="application/octet-stream",
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.change_url(run))

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
            by=request.user,
            announce=form.cleaned_data.get("announce", True),
            all_or_nothing=form.cleaned_data["all_or_nothing"],
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
        cancel_run(run, by=request.user)
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
        run = start_undo(run, by=request.user)
        return _("The import is undone.") if run.state == RunState.UNDONE else _("The import is being undone.")

    @console_action(
        permission="change",
        description=gettext_lazy("Discard"),
        text=gettext_lazy("The file and its mapping are forgotten. Nothing was imported from it."),
        possible=lambda run: run.state in (RunState.UPLOADED, RunState.CHECKED),
        icon="delete",
    )
    def discard(self, request: HttpRequest, run: ImportRun, form: DialogForm) -> str:
        delete_run(run, by=request.user)
        return _("The file was discarded.")

    # --- rendering

    def _page(
        self, request: HttpRequest, template: str, step: str, run: ImportRun | None, context: dict[str, Any]
    ) -> HttpResponse:
        passed = [key for key, _label in STEPS].index(step)
        base = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": run,
            "run": run,
            "steps": [
                (label, "done" if place < passed else "now" if place == passed else "next")
                for place, (_key, label) in enumerate(STEPS)
            ],
            "badge": RUN_STATE_COLOURS[RunState(run.state)] if run else "",
        }
        if run is not None:
            allowed = self.get_actions_detail(request, run.pk)
            base["actions_detail"] = self._get_actions_navigation(list(self.actions_detail), allowed, str(run.pk))
            base["commit_url"] = reverse("admin:imports_importrun_commit", args=[run.pk])
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, template, base | context)


def _with_remedy(group: dict[str, Any], keys: dict[str, str], kind: Any) -> dict[str, Any]:
    """A group of problems, and what one can do about it from here: say what the value means, or how dates look."""
    key = keys.get(group["column"], "")
    remedy: dict[str, Any] = {}
    if key and group["code"] in SAME_VALUE and group["rows"][0][1]:
        remedy = {"key": key, "theirs": group["rows"][0][1], "choices": kind.choices(key)}
    return group | {"remedy": remedy, "is_unclear": group["code"].startswith("unclear_")}


def _examples(how: Reading, first: list[reading.Row]) -> dict[str, list[str]]:
    """The first values of each column of the file, to be shown beside what they become."""
    return {
        name: [cells[index][:60] for _number, cells in first if cells[index].strip()][:3]
        for index, name in enumerate(how.header)
    }


def _progress(run: ImportRun) -> dict[str, Any]:
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


def _as_download(rows: Any, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        rows,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )
