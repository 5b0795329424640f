"""Step 3: what the check found, and what can be done about it from there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.errors import NotAllowed, Refused
from console.keys import whole_number
from imports.admin.pages import RunPages, of_run, person
from imports.choices import ROW_STATE_COLOURS, DecimalMark, Repeats, RowState, RunState, Spelling, Widths
from imports.columns.base import AnyColumn
from imports.findings import not_read
from imports.kinds import KINDS, AnyKind
from imports.models import ImportRun
from imports.new_names import NAMED, NewName
from imports.plan import ColumnNames, cut_short, shown_value
from imports.reading import Reading
from imports.report import Group
from imports.services import (
    accept_dates,
    can_name_template,
    choose_format,
    create_templates,
    map_value,
    may_create_templates,
    missing_templates,
    planned_rows,
    start_check,
)
from imports.services.mappings import column_names
from imports.services.previews import ROWS_ON_A_PAGE

# What a row is called before anything is written.
PLAN_WORDS = {
    RowState.MADE: gettext_lazy("New"),
    RowState.CHANGED: gettext_lazy("Change"),
    RowState.SKIPPED: gettext_lazy("Left"),
    RowState.FAILED: gettext_lazy("Problem"),
}


class CheckPages(RunPages):
    """The check, its remedies, and each row of the file as it would go."""

    def check_context(self, request: HttpRequest, run: ImportRun) -> dict[str, object]:
        """What the page of a checked run shows."""
        kind = KINDS[run.kind](by=person(request), existing=run.existing)
        labels = {column.key: str(column.label) for column in kind.columns()}
        cells = [
            key
            for key in _filled_by(run.columns, kind.columns())
            if any(key in sample["cells"] for sample in run.report["samples"])
        ]
        counts = run.report["counts"]
        creates = may_create_templates(run, by=person(request))
        problems = [_with_remedy(run, group, kind, creates) for group in run.report["problems"]]
        names = ColumnNames(kind.columns(), run.columns)
        return {
            "problems": problems,
            "inferred": [
                (names.of(key), DecimalMark(mark).label) for key, mark in run.report.get("decimals", {}).items()
            ],
            "accepted_dates": [names.of(key) for key in run.accepted_dates],
            "names": names,
            "missing_templates": missing_templates(run) if creates else [],
            "counts": counts,
            "writes": counts["made"] + counts["changed"],
            "changes": [
                change | {"fields": [(field_label_of(name, labels), old, new) for name, old, new in change["fields"]]}
                for change in run.report["changes"]
            ],
            "repeats": _repeats(run),
            "questions": _questions(run),
            "not_read": not_read(Reading.from_json(run.reading)),
            "new_names": list(_new_names(run)),
            "sample_labels": [labels.get(key, key) for key in cells],
            "samples": [
                (sample["row"], PLAN_WORDS[sample["state"]], ROW_STATE_COLOURS[RowState(sample["state"])],
                 [sample["cells"].get(key, "") for key in cells])
                for sample in run.report["samples"]
            ],
        }  # fmt: skip

    @of_run("view")
    def rows_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """The rows of the file, a page at a time: what would become of each, and every cell that would change."""
        if run.state != RunState.CHECKED:
            return HttpResponseRedirect(self.change_url(run))
        pages = max(1, -(-run.rows_total // ROWS_ON_A_PAGE))
        page = min(max(whole_number(request.GET.get("page", "1")) or 1, 1), pages)
        kind = KINDS[run.kind](by=run.uploaded_by, existing=run.existing)
        labels = {column.key: str(column.label) for column in kind.columns()}
        try:
            planned = planned_rows(run, page, by=run.uploaded_by)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.change_url(run))
        keys = [
            key
            for key in _filled_by(run.columns, kind.columns())
            if key in run.columns or any(row.values.get(key) is not None for row in planned)
        ]
        context = {
            "title": run.file_name,
            "may_change": self.has_change_permission(request, run),
            "columns": [labels.get(key, key) for key in keys],
            "names": ColumnNames(kind.columns(), run.columns),
            "rows": [
                {
                    "row": row,
                    "word": PLAN_WORDS[RowState(row.state)],
                    "colour": ROW_STATE_COLOURS[RowState(row.state)],
                    "cells": [shown_value(row.values.get(key)) for key in keys],
                    "changes": [
                        (field_label_of(name, labels), shown_value(old), shown_value(new))
                        for name, (old, new) in row.changes.items()
                    ],
                }
                for row in planned
            ],
            "number": page,
            "pages": pages,
        }
        return self.page(request, "imports/rows.html", "check", run, context)

    @of_run("change")
    def remedy_view(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        """A remedy: what a wrong value means, a template that is missing, what repeated IDs are. Checked anew."""
        back = HttpResponseRedirect(self.change_url(run))
        if request.method != "POST":
            return back
        try:
            said = self._remedy(request, run)
            run.refresh_from_db()
            start_check(run, by=person(request))
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from None
        except (Refused, ValidationError) as refusal:
            for sentence in refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]:
                messages.error(request, sentence)
        else:
            messages.success(request, said)
        return back

    def _remedy(self, request: HttpRequest, run: ImportRun) -> str:
        key, theirs, ours = (request.POST.get(name, "")[:2000] for name in ("column", "theirs", "ours"))
        match request.POST.get("do", "map"):
            case "leave_out":
                map_value(run, key, theirs, None, by=person(request))
                return _("Rows with “%s” are left out.") % cut_short(theirs)
            case "accept_dates":
                accept_dates(run, key, by=person(request))
                return _("Dates far from today are accepted in “%s”.") % column_names(run, by=person(request)).of(key)
            case "create":
                names = [name[:2000] for name in request.POST.getlist("theirs")]
                count = create_templates(run, names, by=person(request))
                return (
                    ngettext(
                        "%d template was made. It has no steps yet.",
                        "%d templates were made. They have no steps yet.",
                        count,
                    )
                    % count
                )
            case "repeats":
                chosen = request.POST.get("repeats", "")
                choose_format(run, "repeats", chosen, by=person(request))
                if chosen == Repeats.NUMBER:
                    return _("Each row is a job of its own now.")
                return _("Rows that repeat an external ID are left out.")
            case "widths" | "spelling" as name:
                choose_format(run, name, request.POST.get(name, ""), by=person(request))
                return _("The file is read like that now.")
            case _other:
                map_value(run, key, theirs, ours, by=person(request))
                said = _("“%(theirs)s” now means “%(ours)s”.") if ours else _("“%(theirs)s” now means nothing.")
                return said % {"theirs": cut_short(theirs), "ours": ours}


def _filled_by(mapped: Iterable[str], columns: Iterable[AnyColumn]) -> list[str]:
    """Keys of the columns that a file fills, by those it is mapped to: each, and behind it what its cells may say as
    well, such as the end of a window."""
    also = {column.key: column.also_fills for column in columns}
    return list(dict.fromkeys(key for one in mapped for key in (one, *also.get(one, ()))))


def _with_remedy(run: ImportRun, group: Group, kind: AnyKind, creates: bool) -> dict[str, object]:
    """A group of problems, and what one can do about it from here: say what the value means, or how dates look."""
    key = group["column"]
    remedy: dict[str, object] = {}
    if key in run.columns and (theirs := group.get("value")):
        remedy = {
            "key": key,
            "theirs": theirs,
            "shown": cut_short(theirs),
            "suggestion": group.get("suggestion", ""),
            "choices": kind.choices(key),
            "near": group.get("near"),
            "creates": creates and key == "template" and group["code"] == "unknown" and can_name_template(theirs),
        }
    return {
        **group,
        "remedy": remedy,
        "is_unclear": group["code"].startswith("unclear_"),
        "accepts_dates": key if group["code"] == "far_date" and key in run.columns else "",
    }


# What is made under a new name, by the column that names it; all others name customers.
_MADE = {"labels": gettext_lazy("New labels")}


def _new_names(run: ImportRun) -> Iterator[dict[str, object]]:
    """What the page says of names that nobody has: by what they are of, those with a near one, and the others."""
    names: list[NewName] = run.report.get("new_names", [])
    by_heading: dict[str, list[NewName]] = {}
    for name in names:
        by_heading.setdefault(str(_MADE.get(name["column"], gettext_lazy("New customers"))), []).append(name)
    for heading, some in by_heading.items():
        # One that no cell can say (a customer without an external ID, in a file of external IDs) is only told.
        near = [name | {"shown": cut_short(name["name"])} for name in some if name["near"]]
        others = [name["name"] for name in some if not name["near"]]
        yield {"heading": heading, "near": near, "others": others, "more": len(names) >= NAMED}


def _repeats(run: ImportRun) -> dict[str, object] | None:
    """What the page says and asks about rows that repeat an external ID; None when none does."""
    count = run.report.get("repeats", 0)
    if not count:
        return None
    chosen = run.formats.get("repeats") or Repeats.LEAVE
    choices = Repeats.choices if KINDS[run.kind].numbers_repeats else []
    return {"count": count, "first": run.report["repeated"], "chosen": chosen, "choices": choices}


def _questions(run: ImportRun) -> list[dict[str, object]]:
    """What can be answered for the file as a whole with one click: what its rows of another width are, and its texts
    that were converted wrongly."""
    by_code = run.report.get("by_code", {})
    widths = by_code.get("too_narrow", 0) + by_code.get("too_wide", 0)
    spelling = by_code.get("spelling", 0) + by_code.get("encoding", 0)
    requested = []
    if widths or run.formats.get("widths") == Widths.FILL:
        words = ngettext(
            "%d row has more or fewer cells than there are columns",
            "%d rows have more or fewer cells than there are columns",
            widths,
        )
        requested.append(("widths", words % widths, run.formats.get("widths") or Widths.ASK, Widths.choices))
    if spelling or run.formats.get("spelling") == Spelling.MEND:
        words = ngettext(
            "%d cell holds characters that were converted wrongly",
            "%d cells hold characters that were converted wrongly",
            spelling,
        )
        requested.append(("spelling", words % spelling, run.formats.get("spelling") or Spelling.ASK, Spelling.choices))
    return [
        {"name": name, "words": words, "chosen": chosen, "choices": choices}
        for name, words, chosen, choices in requested
    ]


def field_label_of(name: str, labels: dict[str, str]) -> str:
    """A changed field as the page names it: by its column, or by what the kind calls it (site.email, place)."""
    return (
        labels.get(name)
        or labels.get(name.replace(".", "_"))
        or str(_KIND_WORDS.get(name) or "")
        or name.replace("_", " ")
    )


_KIND_WORDS: dict[str, Promise] = {"place": gettext_lazy("Location"), "customers": gettext_lazy("Customers")}
