"""What would become of a file, or of some of its rows, looked at without keeping anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from accounts.models import User
from console.errors import Refused
from imports import reading
from imports.columns import MappingEntry
from imports.kinds import KINDS
from imports.models import ImportRun
from imports.plan import AnyRow, ColumnNames, Learned, Planner
from imports.reading import Reading
from imports.report import Group, Report
from imports.services.files import path_of
from imports.services.mappings import cleaned_columns, formats_from, import_kind_of, planner_of

# Rows a mapping is tried on while it is being made.
TRIED = 50
ROWS_ON_A_PAGE = 50
# Records that are looked at before an undo is asked for.
LOOKED_AT = 5000


@dataclass
class Trial:
    """What can be said of a mapping at once. ``faults``: why it cannot work. ``problems``: groups, as in a report, of
    the first ``rows`` rows. ``names``: of the columns in them. ``unused``: columns of the file that nothing is taken
    from."""

    faults: list[str] = field(default_factory=list)
    problems: list[Group] = field(default_factory=list)
    names: ColumnNames | None = None
    rows: int = 0
    good: int = 0
    unused: list[str] = field(default_factory=list)


def try_mapping(
    run: ImportRun, columns: Mapping[str, MappingEntry], *, by: User, formats: Mapping[str, str], existing: str
) -> Trial:
    """Whether a mapping can work, and how the first rows look by it. Keeps nothing."""
    how = Reading.from_json(run.reading)
    trial = Trial()
    accepted = Learned(accepted_dates=frozenset(run.accepted_dates))
    kind = KINDS[run.kind](by=by, existing=existing)
    try:
        columns = cleaned_columns(columns, how.header, kind)
        used = {name for entry in columns.values() for name in entry.get("from", [])}
        trial.unused = [name for name in how.header if name not in used]
        report, trial.names = Report(), ColumnNames(kind.columns(), columns)
        planner = Planner(kind, how.header, columns, formats_from(formats), accepted)
        rows = reading.first_rows(path_of(run), how, TRIED)
        report.add(planner.plan(rows))
        if report.has_unclear_numbers and (decimals := planner.inferred_decimals()):
            kind = KINDS[run.kind](by=by, existing=existing)
            learned = replace(accepted, decimals=decimals)
            report = Report()
            report.add(Planner(kind, how.header, columns, formats_from(formats), learned).plan(rows))
    except Refused as refusal:
        trial.faults = str(refusal).splitlines()
        return trial
    trial.problems, trial.rows = report.as_json()["problems"], report.total
    trial.good = report.total - report.counts["failed"]
    return trial


def undo_would_keep(run: ImportRun, *, by: User) -> int | None:
    """How many records an undo would leave as they are; None for a run too large to look at while somebody waits."""
    rows = run.rows.filter(object_id__isnull=False)
    keys = [int(key) for key in rows.values_list("object_id", flat=True)[: LOOKED_AT + 1] if key is not None]
    return None if len(keys) > LOOKED_AT else import_kind_of(run, by=by).kept(keys, run.request_id)


def planned_rows(run: ImportRun, page: int, *, by: User) -> list[AnyRow]:
    """What would become of each row of one page of the file, told anew: nothing of it is kept with the run."""
    how = Reading.from_json(run.reading)
    planner = planner_of(run, by=by)
    rows = reading.read_rows(path_of(run), how)
    above = islice(rows, (max(1, page) - 1) * ROWS_ON_A_PAGE)
    planner.remember(above, ())
    return planner.plan(islice(rows, ROWS_ON_A_PAGE))
