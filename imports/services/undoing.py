"""Undo: reverses what nobody has touched since, and names what it kept."""

from __future__ import annotations

import uuid
from typing import TypedDict

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.act import Source, acting
from audit.wording import for_the_record
from background.waking import wake_after_commit
from console.errors import NotAllowed, Refused
from console.reach import require_reach
from imports.choices import OVER, RowState, RunState
from imports.kinds.base import WrittenRow
from imports.models import ImportRow, ImportRun
from imports.plan import chunks
from imports.services.collector import collect, collecting_by_hand
from imports.services.files import require_change_right
from imports.services.mappings import as_of_now, import_kind_of

# Rows undone in one transaction. On SQLite everybody else who writes waits for it.
CHUNK = 5000 if connection.vendor == "postgresql" else 500
# Runs up to this many rows are undone while the person waits.
AT_ONCE = 300
KEPT_NAMED = 200
# In the report while the undo goes on: the number of the row it came to last. What stays is not looked at twice.
LAST = "last"


class UndoReport(TypedDict, total=False):
    """What is kept of an undo: how many records went, were changed back and stay; of those the first, and why; ``last``
    as LAST says."""

    removed: int
    restored: int
    kept: int
    why: list[list[str]]
    last: int


def what_undo_would_do(run: ImportRun) -> dict[str, int]:
    """Numbers for the question: {"made": records to be removed, "changed": records to be changed back}."""
    rows = run.rows.filter(object_id__isnull=False)
    return {
        "made": rows.filter(state=RowState.MADE).count(),
        "changed": rows.filter(state=RowState.CHANGED).count(),
    }


def start_undo(run: ImportRun, *, by: User) -> ImportRun:
    """Undoes a run: a small one at once, a large one by the worker. Raises Refused when there is nothing to undo."""
    with transaction.atomic(), acting(by=by):
        run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if not by.has_perm("imports.change_importrun", run):
            raise NotAllowed(_("You may not undo this import."))
        require_reach(by, run)
        require_change_right(run.kind, by)
        if run.state not in OVER or run.state == RunState.UNDONE:
            raise Refused(_("This import cannot be undone: it is not over, or was undone before."))
        if not run.made + run.changed:
            raise Refused(_("There is nothing to undo: this import wrote nothing."))
        run.state, run.undone_by, run.rows_done, run.undo_report = RunState.UNDOING, by, 0, {}
        run.let_go()
        run.save()
        if run.made + run.changed > AT_ONCE:
            wake_after_commit(ImportRun.TASK, run.pk)
            return run
        claim = run.take_in_hand()
        run.save_without_historical_record()  # type: ignore[attr-defined]
        return undo_run(run, by=by, claim=claim)


def undo_run(run: ImportRun, *, by: User, claim: uuid.UUID) -> ImportRun:
    """Reverses the rows, last first, from where the undo stands. Called with the claim in hand.

    What is no longer granted to ``by`` stays.
    """
    why = for_the_record(gettext_lazy("Undo of import no. %d"), run.pk)
    with acting(by=by, source=Source.IMPORT, reason=why):
        waiting = run.rows.filter(object_id__isnull=False, state__in=(RowState.MADE, RowState.CHANGED))
        if LAST in run.undo_report:
            waiting = waiting.filter(number__lt=run.undo_report[LAST])
        keys = waiting.order_by("-number").values_list("pk", flat=True)
        with collecting_by_hand():
            for chunk in chunks(iter(list(keys)), CHUNK):
                _undo_chunk(run, claim, chunk, by)
                collect()
        with transaction.atomic():
            run = ImportRun.hold(run.pk, claim)
            along = import_kind_of(run, by=as_of_now(by)).undo_rest(run.request_id)
            report = {**_with_kept(run.undo_report, along.kept)}
            report.pop(LAST, None)
            run.undo_report = report | {what: count for what, count in along.gone.items() if count}
            run.state, run.undone_at = RunState.UNDONE, timezone.now()
            run.let_go()
            run.save()
            return run


def _undo_chunk(run: ImportRun, claim: uuid.UUID, keys: list[int], by: User) -> None:
    with transaction.atomic():
        held = ImportRun.hold(run.pk, claim)
        written = list(ImportRow.objects.filter(pk__in_set=set(keys)).values_list("number", "pk", "state", "object_id"))
        rows = [WrittenRow(pk, state, object_id) for _number, pk, state, object_id in written]
        outcome = import_kind_of(run, by=as_of_now(by)).undo(rows, run.request_id)
        # A row whose record is gone, or stays for good, has nothing more to undo.
        if outcome.done:
            ImportRow.objects.filter(pk__in_set=set(outcome.done)).update(object_id=None)
        report = _with_kept(held.undo_report, outcome.kept)
        report["removed"] += outcome.removed
        report["restored"] += outcome.restored
        report["last"] = min(number for number, *_row in written)
        ImportRun.objects.filter(pk=run.pk).update(
            undo_report=report, rows_done=held.rows_done + len(rows), heartbeat_at=timezone.now(), tries=0
        )


def _with_kept(report: UndoReport, kept: list[tuple[str, str]]) -> UndoReport:
    """The report of an undo, its first words if it has none yet, and what else stays."""
    begun: UndoReport = {"removed": 0, "restored": 0, "kept": 0, "why": []}
    begun.update(report)
    begun["why"] = (begun["why"] + [list(pair) for pair in kept])[:KEPT_NAMED]
    begun["kept"] += len(kept)
    return begun
