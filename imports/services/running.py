"""Commit, and the worker's part: the file is written chunk by chunk, each chunk whole or not at all."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.contact_copies import may_change_copies
from accounts.models import User
from audit.act import Source, acting
from audit.bulk import BulkRows
from audit.keyless import without_keys
from audit.wording import for_the_record
from background.claims import Pulse
from background.waking import wake_after_commit
from console.errors import NotAllowed, Refused
from console.reach import require_reach
from imports import reading
from imports.choices import Existing, RowState, RunState
from imports.models import ImportRow, ImportRun
from imports.plan import AnyPlanner, AnyRow, chunks
from imports.reading import Reading
from imports.services.checking import report_on
from imports.services.collector import collect, collecting_by_hand
from imports.services.files import path_of, require_add_right, require_change_right
from imports.services.mappings import as_of_now, import_kind_of, planner_of
from imports.services.prefetching import Chunk, can_prefetch, prefetched

# Rows written in one transaction. On SQLite everybody else who writes waits for it; where records are changed, whoever
# wants one of them.
CHUNK = 5000 if connection.vendor == "postgresql" else 500
CHANGED_CHUNK = 500
# The first is smaller: until it is planned the database has nothing to do, and the person nothing to see.
# Not so small that it is written before the next is planned.
FIRST_CHUNK = 2000


def commit_run(
    run: ImportRun, *, by: User, announce: bool = True, all_or_nothing: bool = False, change_open_jobs: bool = False
) -> ImportRun:
    """Lets the worker write what the check promised. ``announce``: messages go out as the alerts say.
    ``change_open_jobs``: those that name a contact of a customer as it was name it as the file says.

    Raises Refused when it was not checked, or when there is nothing to write; NotAllowed for whoever may not change
    what is to be changed.
    """
    require_add_right(run.kind, by)
    with transaction.atomic(), acting(by=by):
        run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        require_reach(by, run)
        if run.state != RunState.CHECKED:
            raise Refused(_("This import is not ready: check it first. Perhaps somebody else has just begun it."))
        counts = run.report["counts"]
        if not counts[RowState.MADE] + counts[RowState.CHANGED]:
            raise Refused(_("There is nothing to import: no row would make or change anything."))
        if all_or_nothing and counts[RowState.FAILED]:
            refused = ngettext(
                "%d row has problems, and you asked for all or nothing.",
                "%d rows have problems, and you asked for all or nothing.",
                counts[RowState.FAILED],
            )
            raise Refused(refused % counts[RowState.FAILED])
        if run.existing == Existing.UPDATE and not by.has_perm(import_kind_of(run, by=by).change_permission):
            raise NotAllowed(_("You may not change what is there: choose to leave it as it is."))
        if change_open_jobs and not may_change_copies(by):
            raise NotAllowed(_("You may not change jobs: leave those that are open as they are."))
        run.change_open_jobs = change_open_jobs
        run.state, run.committed_by, run.started_at = RunState.QUEUED, by, timezone.now()
        run.announce, run.all_or_nothing, run.rows_done = announce, all_or_nothing, 0
        run.let_go()
        run.save()
        wake_after_commit(ImportRun.TASK, run.pk)
        return run


def cancel_run(run: ImportRun, *, by: User) -> ImportRun:
    """Stops a run: what is written stays, the rest is left. A worker that is busy stops after its chunk."""
    with transaction.atomic(), acting(by=by):
        run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        require_reach(by, run)
        if run.state == RunState.CHECKING:
            run.state = RunState.UPLOADED
            run.let_go()
        elif run.state == RunState.QUEUED and run.claim is None:
            run.state, run.finished_at = RunState.CANCELLED, timezone.now()
            run.let_go()
        elif run.state in (RunState.QUEUED, RunState.RUNNING):
            run.cancel_requested = True
        else:
            raise Refused(_("There is nothing to cancel: this import is not running."))
        run.save()
        return run


def process_run(run: ImportRun, claim: uuid.UUID) -> ImportRun:
    """Writes the rows from where the run stands. Called by the worker that holds the claim.

    Raises Lost when the run is taken away, Refused when the file cannot be read on.
    """
    by = run.committed_by
    assert by is not None, "what is to be written was committed by somebody"
    require_add_right(run.kind, by)
    if run.existing == Existing.UPDATE:
        require_change_right(run.kind, by)
    # No name of the file: it stands at records that others read.
    why = for_the_record(gettext_lazy("Import no. %d"), run.pk)
    with acting(by=by, source=Source.IMPORT, reason=why, request_id=run.request_id):
        if run.state == RunState.QUEUED and run.all_or_nothing:
            failed = report_on(run, by=by, claim=claim).counts[RowState.FAILED]
            if failed:
                refused = ngettext(
                    "%d row has problems, and you asked for all or nothing: nothing was done.",
                    "%d rows have problems, and you asked for all or nothing: nothing was done.",
                    failed,
                )
                raise Refused(refused % failed)
        with transaction.atomic():
            run = ImportRun.hold(run.pk, claim)
            if run.state == RunState.QUEUED:
                run.state, run.rows_done = RunState.RUNNING, 0
                run.save()
        how = Reading.from_json(run.reading)
        pulse = Pulse(ImportRun, run.pk, claim)
        planner, rest = _planner(run, how, pulse, by=by, before=run.rows_done + 1)
        size = min(CHUNK, CHANGED_CHUNK) if run.existing == Existing.UPDATE else CHUNK
        rows = chunks(rest, size, min(size, FIRST_CHUNK))
        pieces = prefetched(planner, rows) if can_prefetch(planner) else _unplanned(rows)
        with collecting_by_hand(), closing(pieces):
            for chunk, planned in pieces:
                try:
                    go_on = _write_chunk(run, claim, planner, chunk, planned)
                except (IntegrityError, ValidationError, Refused):
                    # Somebody made or changed one of these records in the same moment. Look again, now that it is so.
                    again, _rest = _planner(run, how, pulse, by=by, before=chunk[0][0])
                    go_on = _write_chunk(run, claim, again, chunk)
                pulse.was_given()
                if not go_on:
                    break
        return _finish(run, claim)


def _unplanned(rows: Iterator[list[reading.Row]]) -> Generator[Chunk, None, None]:
    for chunk in rows:
        yield chunk, None
        collect()


def _planner(
    run: ImportRun, how: Reading, pulse: Pulse, *, by: User, before: int
) -> tuple[AnyPlanner, Iterator[reading.Row]]:
    """A planner that knows of the rows before that number, as if it had planned them; and the rows from it on."""
    planner = planner_of(run, by=by)
    rows = reading.read_rows(path_of(run), how, pulse)
    if before <= how.header_row + 1:
        return planner, rows
    failed = set(run.rows.filter(number__lt=before, state=RowState.FAILED).values_list("number", flat=True))
    first: list[reading.Row] = []

    def rows_above() -> Iterator[reading.Row]:
        for row in rows:
            if row[0] >= before:
                first.append(row)
                return
            yield row

    above = rows_above()
    planner.remember(above, failed)
    # It leaves them where it has nothing to remember of them.
    deque(above, maxlen=0)
    return planner, chain(first, rows)


def _write_chunk(
    run: ImportRun, claim: uuid.UUID, planner: AnyPlanner, chunk: list[reading.Row], planned: list[AnyRow] | None = None
) -> bool:
    """One chunk and its results, in one transaction. False when the person asked to stop.

    ``planned``: what is to become of the rows, where that was worked out before.
    """
    with transaction.atomic():
        held = ImportRun.hold(run.pk, claim)
        if held.cancel_requested:
            return False
        if run.committed_by is not None:
            # What was granted may have been taken away since the last chunk.
            planner.kind.by = run.committed_by = as_of_now(run.committed_by)
        if planned is None:
            planned = planner.prepare(chunk)
        planner.write(planned)
        states = [row.state for row in planned]
        if run.all_or_nothing and RowState.FAILED in states:
            raise Refused(
                _(
                    "Somebody changed something meanwhile, so that row %d cannot be imported any more, and you asked"
                    " for all or nothing. What was written before it can be undone."
                )
                % next(row.number for row in planned if row.state == RowState.FAILED)
            )
        _write_results(run, planned)
        ImportRun.objects.filter(pk=run.pk).update(
            rows_done=planned[-1].number,
            heartbeat_at=timezone.now(),
            tries=0,
            made=F("made") + states.count(RowState.MADE),
            changed=F("changed") + states.count(RowState.CHANGED),
            skipped=F("skipped") + states.count(RowState.SKIPPED),
            failed=F("failed") + states.count(RowState.FAILED),
        )
        return True


def _write_results(run: ImportRun, planned: Sequence[AnyRow]) -> None:
    """What became of each row."""
    failed = [row.state == RowState.FAILED for row in planned]
    both = list(zip(planned, failed, strict=True))
    # Cells are kept as they stood in the file, to be mended and read again: only keys of ours go.
    results = BulkRows(ImportRow, without_keys, run_id=run.pk)
    results.add(
        number=[row.number for row in planned],
        state=[str(row.state) for row in planned],
        object_id=[None if bad else row.object_id for row, bad in both],
        label=["" if bad else (row.label or row.note)[:120] for row, bad in both],
        problems=[[[one.column, one.value, one.reason] for one in row.problems] or None for row in planned],
        raw=[[cell.replace("\x00", "") for cell in row.cells] if bad else None for row, bad in both],
    )
    results.write()


def _finish(run: ImportRun, claim: uuid.UUID) -> ImportRun:
    with transaction.atomic():
        run = ImportRun.hold(run.pk, claim)
        run.state = RunState.CANCELLED if run.cancel_requested else RunState.FINISHED
        run.finished_at = timezone.now()
        run.let_go()
        run.save()
        return run
