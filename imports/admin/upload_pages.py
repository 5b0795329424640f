"""Steps 1 and 2: a file comes in, and which of its columns is which."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.act import acting
from console.errors import NotAllowed, Refused
from console.kit.once import say_done_before
from console.once import digest_of_form, key_of, new_key, sending
from imports import reading
from imports.admin.pages import RunPages, of_run, person
from imports.choices import RecordKind
from imports.columns import MappingEntry, recogniser
from imports.files_out import as_download, blank_file
from imports.findings import findings
from imports.forms import DELIMITER_WORDS, NONE, QUOTE_WORDS, MappingForm, ReadingForm, UploadForm
from imports.kinds import KINDS
from imports.models import ImportMapping, ImportRun
from imports.reading import Reading
from imports.services import (
    guess_mapping,
    read_as_saved,
    save_mapping,
    set_mapping,
    set_reading,
    start_check,
    try_mapping,
    upload_file,
)
from imports.services.files import path_of

# Rows of the file that are shown, around the names of its columns.
ROWS_ABOVE, ROWS_BELOW = 4, 5


class Choices(NamedTuple):
    """What somebody has chosen on the mapping page, as fields of the run."""

    columns: dict[str, MappingEntry]
    formats: dict[str, str]
    existing: str
    mapping_name: str


class UploadPages(RunPages):
    """Upload, how the file is read, which column is which."""

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": RecordKind.JOBS})
        if request.method == "POST":
            # Noted before anything is done: a large file is read for seconds, and on SQLite every other writer would
            # wait for a transaction around it. Whoever goes back and chooses another file uploads that one too.
            key, digest = key_of(request), digest_of_form(request)
            with sending(request.user, request.path, key, digest, may_change=True) as sent:
                pass
            if sent.is_repeated:
                return HttpResponseRedirect(say_done_before(request, sent, None) or self.list_url())
            made: ImportRun | None = None
            try:
                if form.is_valid():
                    made = upload_file(form.cleaned_data["file"], by=person(request), kind=form.cleaned_data["kind"])
                    made = read_as_saved(made, by=person(request))
            except NotAllowed as refusal:
                raise PermissionDenied(str(refusal)) from None
            except Refused as refusal:
                form.add_error("file", str(refusal))
            finally:
                # Refused, or a fault of ours: the file can be sent again.
                if made is None:
                    sent.withdraw()
            if made is not None:
                sent.made(made)
                return HttpResponseRedirect(reverse("admin:imports_importrun_mapping", args=[made.pk]))
        once = key_of(request) or new_key()
        context = {"form": form, "kinds": RecordKind.choices, "title": _("Import a file"), "once": once}
        return self.page(request, "imports/upload.html", "upload", None, context)

    def blank_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """A file with every column's name and a row to show how."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if kind not in KINDS:
            raise Http404
        return as_download(blank_file(KINDS[kind](by=person(request))), f"{kind}.csv")

    @of_run("change")
    def mapping_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        if not run.is_being_prepared:
            return HttpResponseRedirect(self.change_url(run))
        if request.method == "POST" and request.POST.get("do") == "read":
            return self._correct_reading(request, run)
        form = self._mapping_form(request, run)
        if form.is_bound and form.is_valid() and (answer := self._set_mapping(request, run, form)):
            return answer
        return self._mapping_page(request, run, form)

    @of_run("change")
    def try_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """What can be said of the choices as they stand, while they are made. Keeps nothing."""
        if request.method != "POST" or not run.is_being_prepared:
            return HttpResponse(status=204)
        form = self._mapping_form(request, run)
        trial = None
        if form.is_valid():
            trial = try_mapping(
                run, form.columns(), by=person(request), formats=form.formats(), existing=form.cleaned_existing()
            )
        return TemplateResponse(request, "imports/trial.html", {"run": run, "form": form, "trial": trial})

    def _mapping_form(self, request: HttpRequest, run: ImportRun) -> MappingForm:
        kind = KINDS[run.kind](by=person(request), existing=run.existing)
        may_change = person(request).has_perm(kind.change_permission)
        posted = request.POST if request.method == "POST" else None
        return MappingForm(run, kind, self._mapping_to_begin_with(request, run), posted, may_change=may_change)

    def _mapping_to_begin_with(
        self, request: HttpRequest, run: ImportRun
    ) -> tuple[dict[str, MappingEntry], dict[str, str], str]:
        if chosen := request.GET.get("mapping", ""):
            saved = ImportMapping.objects.filter(kind=run.kind, name=chosen).first()
            if saved is not None:
                return saved.columns, saved.formats, saved.name
        if run.columns:
            return run.columns, run.formats, run.mapping_name
        return guess_mapping(run, by=person(request))

    def _set_mapping(self, request: HttpRequest, run: ImportRun, form: MappingForm) -> HttpResponse | None:
        """Keeps what she chose and checks the file by it; None, with the sentences on the form, when it cannot work."""
        name = form.cleaned_data["save_as"].strip()
        try:
            run = set_mapping(
                run,
                form.columns(),
                by=person(request),
                formats=form.formats(),
                existing=form.cleaned_existing(),
                mapping_name=name,
            )
            if name:
                save_mapping(name, run, by=person(request))
            start_check(run, by=person(request))
        except Refused as refusal:
            for sentence in str(refusal).splitlines():
                form.add_error(None, sentence)
            return None
        return HttpResponseRedirect(self.change_url(run))

    def _correct_reading(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        form = ReadingForm(Reading.from_json(run.reading), request.POST)
        if form.is_valid():
            chosen = self._chosen_so_far(request, run)
            before = Reading.from_json(run.reading).header
            try:
                with transaction.atomic(), acting(by=person(request)):
                    run = set_reading(run, by=person(request), **form.cleaned_data)
                    self._keep_choices(request, run, chosen, before)
            except Refused as refusal:
                messages.error(request, str(refusal))
        else:
            messages.error(request, _("That is not a way the file can be read."))
        return HttpResponseRedirect(reverse("admin:imports_importrun_mapping", args=[run.pk]))

    def _chosen_so_far(self, request: HttpRequest, run: ImportRun) -> Choices:
        """What stands on the form below, sent along; what was chosen earlier where it was not."""
        if any(name.startswith("from:") for name in request.POST):
            form = self._mapping_form(request, run)
            if form.is_valid():
                name = form.cleaned_data["save_as"].strip()
                return Choices(form.columns(), form.formats(), form.cleaned_existing(), name)
        return Choices(run.columns, run.formats, run.existing, run.mapping_name)

    def _keep_choices(self, request: HttpRequest, run: ImportRun, chosen: Choices, before: list[str]) -> None:
        """Of the choices those whose columns the file, read anew, still has. For names that are new, what they say."""
        header = set(Reading.from_json(run.reading).header)
        kept = {key: entry for key, entry in chosen.columns.items() if header.issuperset(entry.get("from") or [])}
        if not kept:
            return
        guessed, _formats, _name = guess_mapping(run, by=person(request))
        fresh = header.difference(before)
        known = {key: entry for key, entry in guessed.items() if fresh.intersection(entry.get("from") or [])}
        run.columns, run.formats, run.existing = known | kept, chosen.formats, chosen.existing
        run.mapping_name = chosen.mapping_name
        run.save()

    def _mapping_page(self, request: HttpRequest, run: ImportRun, form: MappingForm) -> HttpResponse:
        how = Reading.from_json(run.reading)
        top: list[reading.Row] = []
        try:
            top = reading.top_rows(path_of(run), how, how.header_row + ROWS_BELOW)
        except Refused as refusal:
            messages.error(request, str(refusal))
        below = [cells for number, cells in top if number > how.header_row]
        width = max((len(cells) for _number, cells in top), default=0)
        first_name_row = how.header_row - how.header_lines + 1
        context = {
            "title": _("Which column is which?"),
            "form": form,
            "reading_form": ReadingForm(how),
            "how": how,
            "findings": findings(how, sum(map(recogniser(form.ours), how.header))),
            "name_rows": range(first_name_row, how.header_row + 1) if how.header_row else (),
            "read_words": _in_words(how),
            "top": [
                (number, [*cells, *[""] * (width - len(cells))])
                for number, cells in top
                if number >= how.header_row - ROWS_ABOVE and any(cells)
            ],
            "width": width + 2,
            "nothing_below": not any(map(any, below)),
            "examples": _examples(how, below),
            "saved": ImportMapping.objects.filter(kind=run.kind).values_list("name", flat=True),
            "guessed": not run.columns and not form.is_bound,
        }
        return self.page(request, "imports/mapping.html", "columns", run, context)


def _in_words(how: Reading) -> dict[str, str]:
    """How the cells are told apart, in words."""
    shown = how.delimiter if how.delimiter.isprintable() else repr(how.delimiter)
    return {
        "delimiter": str(dict(DELIMITER_WORDS).get(how.delimiter, shown)),
        "quote": str(dict(QUOTE_WORDS)[how.quote or NONE]),
    }


def _examples(how: Reading, rows: list[list[str]]) -> dict[str, list[str]]:
    """The first values of each column of the file, to be shown beside what they become."""
    return {
        name: [cells[index][:60] for cells in rows if index < len(cells) and cells[index].strip()][:3]
        for index, name in enumerate(how.header)
    }
