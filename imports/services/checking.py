"""The check: the whole file, without writing a row."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.act import acting
from background.claims import Lost, Pulse
from background.waking import wake_after_commit
from console.errors import Refused
from console.reach import require_reach
from imports import reading
from imports.choices import RunState
from imports.models import ImportRun
from imports.plan import AnyPlanner, chunks
from imports.reading import Reading
from imports.report import Report
from imports.services.collector import collect, collecting_by_hand
from imports.services.files import path_of, require_add_right
from imports.services.mappings import cleaned_columns, import_kind_of, planner_of

# Rows planned at once; each chunk costs the same few queries.
CHUNK = 1000
# A file up to this many bytes is checked while the person waits, a larger one by the worker.
AT_ONCE = 256 * 1024


def start_check(run: ImportRun, *, by: User) -> ImportRun:
    """Has the file checked: at once when it is small, by the worker when it is not.

    Raises Refused when the mapping cannot work.
    """
    if run.size <= AT_ONCE and not Reading.from_json(run.reading).packed:
        return check_run(run, by=by)
    with transaction.atomic(), acting(by=by):
        run = _ready(run, by)
        run.save()
        wake_after_commit(ImportRun.TASK, run.pk)
        return run


def check_run(run: ImportRun, *, by: User) -> ImportRun:
    """Checks every row and keeps what it found with the run. Changes nothing else and tells nobody.

    Raises Refused when the file cannot be read to its end or the mapping cannot work (it waits for its columns then),
    or when somebody else went on with the run meanwhile.
    """
    with transaction.atomic(), acting(by=by):
        run = _ready(run, by)
        claim = run.take_in_hand()
        # Of a check that is over in a moment, the record says only how it ended.
        run.save_without_historical_record()  # type: ignore[attr-defined]
    try:
        return check_claimed(run, by=by, claim=claim)
    except Lost:
        raise Refused(_("Somebody has gone on with this import meanwhile: look at it again.")) from None
    except BaseException:
        with suppress(Lost), transaction.atomic(), acting(by=by):
            held = ImportRun.hold(run.pk, claim)
            held.state = RunState.UPLOADED
            held.let_go()
            held.save()
        raise


def check_claimed(run: ImportRun, *, by: User, claim: uuid.UUID) -> ImportRun:
    """The check itself, by whoever holds the claim. Raises Lost when the run is taken away, else as ``check_run``."""
    found = report_on(run, by=by, claim=claim)
    with transaction.atomic(), acting(by=by):
        run = ImportRun.hold(run.pk, claim)
        run.state = RunState.CHECKED
        along = {"new_customers": found.new_records, "open_jobs": found.open_jobs}
        run.report = found.as_json() | along | {"at": timezone.now().isoformat()}
        run.rows_total, run.rows_done, run.problem = found.total, 0, ""
        run.let_go()
        run.save()
        return run


def report_on(run: ImportRun, *, by: User, claim: uuid.UUID) -> Report:
    """Plans the whole file and sums it up. Raises Lost when the run is taken away."""
    pulse = Pulse(ImportRun, run.pk, claim)
    planner = planner_of(run, by=by)
    report = _report_by(planner, run, pulse)
    if report.has_unclear_numbers and (decimals := planner.inferred_decimals()):
        # What some cells of a column prove is known only now, and says what its unclear ones mean.
        report = _report_by(planner_of(run, by=by, decimals=decimals), run, pulse)
        report.decimals = decimals
    if not report.total:
        raise Refused(_("Under its header the file holds no row with anything in it."))
    return report


def _report_by(planner: AnyPlanner, run: ImportRun, pulse: Pulse) -> Report:
    """One pass over the whole file."""
    report = Report()
    with collecting_by_hand():
        for chunk in chunks(reading.read_rows(path_of(run), Reading.from_json(run.reading), pulse), CHUNK):
            report.add(planner.plan(chunk))
            collect()
            pulse.beat(rows_done=report.total)
    report.new_records, report.open_jobs = planner.kind.new_records(), planner.kind.open_jobs()
    report.broken_names = planner.kind.broken_names()
    report.new_names = planner.kind.new_names()
    report.look_for_near_names(planner.kind.nearest)
    if not report.total:
        raise Refused(_("Under its header the file holds no row with anything in it."))
    return report


def _ready(run: ImportRun, by: User) -> ImportRun:
    """The run, locked, as one that is being checked. To be saved by the caller."""
    require_add_right(run.kind, by)
    found = ImportRun.objects.select_for_update(of=("self",)).filter(pk=run.pk).first()
    if found is None:
        raise Refused(_("This import is no longer there."))
    require_reach(by, found)
    if not found.is_being_prepared:
        raise Refused(_("This import has begun: it cannot be checked again."))
    cleaned_columns(found.columns, Reading.from_json(found.reading).header, import_kind_of(found, by=by))
    found.state, found.rows_done, found.rows_total, found.report = RunState.CHECKING, 0, 0, {}
    found.let_go()
    return found
