"""The check: the whole file, without writing a row."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.act import acting
from imports import reading
from imports.choices import RunState
from imports.models import ImportRun
from imports.plan import Planner, Report, chunks
from imports.reading import Reading
from imports.services.claims import beat, let_go, wake_worker
from imports.services.collector import collect, collecting_by_hand
from imports.services.files import insist_on_right, path_of
from imports.services.mappings import cleaned_columns, formats_of, kind_of
from permissions.errors import Refused

# Rows planned at once; each chunk costs the same few queries.
CHUNK = 1000
# A file up to this many bytes is checked while the person waits, a larger one by the worker.
AT_ONCE = 256 * 1024


def start_check(run: ImportRun, *, by: Any) -> ImportRun:
    """Has the file checked: at once when it is small, by the worker when it is not.

    Raises Refused when the mapping cannot work.
    """
    if run.size <= AT_ONCE and not Reading.from_json(run.reading).packed:
        return check_run(run, by=by)
    with transaction.atomic(), acting(by=by):
        run = _ready(run, by)
        run.state, run.rows_done, run.rows_total, run.report = RunState.CHECKING, 0, 0, {}
        let_go(run)
        run.save()
        wake_worker(run)
        return run


def check_run(run: ImportRun, *, by: Any, claim: uuid.UUID | None = None) -> ImportRun:
    """Checks every row and keeps what it found with the run. Changes nothing else and tells nobody.

    ``claim``: given by the worker, which says by it that it is alive. Raises Refused when the file cannot be read to
    its end or the mapping cannot work.
    """
    if claim is None:
        run = _ready(run, by)
    found = report_on(run, by=by, claim=claim)
    with transaction.atomic(), acting(by=by):
        run.refresh_from_db()
        run.state = RunState.CHECKED
        run.report = found.as_json() | {"new_customers": found.new_records, "at": timezone.now().isoformat()}
        run.rows_total, run.rows_done, run.problem = found.total, 0, ""
        let_go(run)
        run.save()
        return run


def report_on(run: ImportRun, *, by: Any, claim: uuid.UUID | None = None) -> Report:
    """Plans the whole file and sums it up."""
    how = Reading.from_json(run.reading)
    kind = kind_of(run, by=by)
    planner = Planner(kind, how.header, run.columns, formats_of(run))
    report = Report()
    with collecting_by_hand():
        for chunk in chunks(reading.read(path_of(run), how), CHUNK):
            report.add(planner.plan(chunk))
            collect()
            if claim is not None:
                beat(run.pk, claim, rows_done=report.total)
    report.new_records = kind.new_records()
    if not report.total:
        raise Refused(_("Under its header the file holds no row with anything in it."))
    return report


def _ready(run: ImportRun, by: Any) -> ImportRun:
    insist_on_right(run.kind, by)
    run.refresh_from_db()
    if not run.is_being_prepared:
        raise Refused(_("This import has begun: it cannot be checked again."))
    cleaned_columns(run.columns, Reading.from_json(run.reading).header, kind_of(run, by=by))
    return run
