"""Rows to a checked plan: which cell is what, what is wrong with it, and what would become of the row.

Works on chunks of rows, so that it costs a fixed number of queries a chunk and no memory that grows with the file. The
check and the run use the same planner: what the check promised is what the run does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.excerpts import excerpt
from audit.wall_clock import is_one_of_two, written_exactly
from imports.choices import DecimalMark, Repeats, RowState, Spelling, Widths
from imports.columns import (
    LONGEST_CELL,
    NOTHING,
    AnyColumn,
    Formats,
    MappingEntry,
    Value,
    clean_text,
    is_own,
    same_value,
)
from imports.columns.base import D, R, Span
from imports.columns.broken import is_error, mended
from imports.columns.jobs import FIELD
from imports.columns.numbers import decimal_mark_of
from imports.reading import Fault, FaultyCells, Row
from imports.reading.shape import is_blank

if TYPE_CHECKING:
    from imports.kinds.base import ImportKind

T = TypeVar("T")
# Values that repeat are cleaned once; past this many different ones a column starts over.
MEMORY = 20_000
# How much of a wrong value is shown, and how long one may be to be kept whole.
SHOWN_VALUE, WHOLE_VALUE = 80, 500
# What a problem with more cells than there are columns names instead of a column.
WHOLE_ROW = "*"
# Codes of problems that are the value's, not the cell's: many rows with the same value are one thing to mend.
SAME_VALUE = frozenset({"unknown", "ambiguous", "archived", "out_of_reach", "error", "spelling", "encoding"})


class Meaning(Enum):
    """What a value means that is none."""

    # The person wants nothing of the row.
    LEAVE_OUT = "leave out"


@dataclass(slots=True)
class RowProblem:
    """Wrong with one cell: the key of its column, value, a reason that completes "“value” …", code.

    ``whole``: the value as a remedy has to name it, while ``value`` is as much of it as is shown. Empty where the
    problem is the cell's and not the value's (SAME_VALUE), and of a value so long that it would swell the report.
    ``suggestion``: what was probably meant, to be taken with one click.
    """

    column: str
    value: str
    reason: str
    code: str = "invalid"
    whole: str = ""
    suggestion: str = ""


def problem_with(column: str, value: str, reason: str, code: str, suggestion: str = "") -> RowProblem:
    """The problem with a value, of any length, in the column of that key."""
    whole = value if code in SAME_VALUE and len(value) <= WHOLE_VALUE else ""
    return RowProblem(column, cut_short(value), reason, code, whole, suggestion if whole else "")


def cut_short(value: str) -> str:
    """As much of a value of theirs as is shown."""
    return excerpt(value, SHOWN_VALUE)


@dataclass(slots=True)
class Planned(Generic[R, D]):
    """One row on its way: ``values`` by column key, then what becomes of it.

    ``found``: what the kind found for the cells by asking the database (records they name, values of a template's
    fields), by column key: it counts before the value. ``existing``: the record the row was matched with. ``draft``:
    what it says of the record. ``changes``: {field: (old, new)} for a record that would be changed. ``note``: why it
    is left. ``repeats``: its external ID stands further up. ``object_id`` and ``label`` are known once it is written
    (or matched).
    """

    number: int
    cells: list[str]
    values: dict[str, Value]
    found: dict[str, object] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    state: str = RowState.MADE
    existing: R | None = None
    draft: D | None = None
    changes: dict[str, tuple[object, object]] = field(default_factory=dict)
    note: str = ""
    object_id: int | None = None
    label: str = ""
    repeats: bool = False

    def text(self, key: str) -> str | None:
        """The value of a column of words; None where the row has none."""
        value = self.values.get(key)
        return value if value is None or isinstance(value, str) else str(value)

    def fail(self, column: str, value: object, reason: str, code: str) -> None:
        """Puts a problem on the row, in the column of that key: it will not be written."""
        self.problems.append(problem_with(column, str(value), reason, code))
        self.state = RowState.FAILED

    def take_back(self, column: str) -> None:
        """Forgets what was understood of a column, and what was wrong with it."""
        self.values.pop(column, None)
        self.problems = [problem for problem in self.problems if problem.column != column]
        if not self.problems and self.state == RowState.FAILED:
            self.state = RowState.MADE

    def has_problem_in(self, column: str) -> bool:
        """Is something wrong in the column of that key already?"""
        return any(problem.column == column for problem in self.problems)

    def leave(self, why: str) -> None:
        """Nothing becomes of the row, and nothing is wrong with it."""
        self.state, self.note = RowState.SKIPPED, why
        self.problems.clear()

    def shown(self) -> dict[str, str]:
        """Its values in words, by column key."""
        return {key: shown_value(value) for key, value in self.values.items()}


AnyRow = Planned[Any, Any]


class ColumnNames:
    """Columns as problems name them: our label, and the file's own if that is another: “Start (Begin of work)”."""

    def __init__(self, columns: Iterable[AnyColumn], mapping: Mapping[str, MappingEntry]) -> None:
        self._names = {WHOLE_ROW: _("Row")}
        for column in columns:
            self._names[column.key] = self._named(str(column.label), mapping.get(column.key, {}))

    @staticmethod
    def _named(label: str, entry: MappingEntry) -> str:
        theirs = ", ".join(entry.get("from", []))
        return label if not theirs or theirs.casefold() == label.casefold() else f"{label} ({theirs})"

    def of(self, key: str) -> str:
        """The name of the column of that key. A field of templates this person does not see is named by its key."""
        return self._names.get(key) or key.removeprefix(FIELD)


@dataclass(frozen=True)
class Learned:
    """What is known of a file's columns beyond its mapping, by their keys.

    ``decimals``: the mark before decimals that other cells of the column proved. ``accepted_dates``: of columns whose
    dates may lie outside the usual span, because the person said so.
    """

    decimals: Mapping[str, str] = field(default_factory=dict)
    accepted_dates: Collection[str] = ()


class MappedColumn:
    """A column that gets its text from columns of the file, or a fixed one; then its list of what values mean."""

    def __init__(
        self, column: AnyColumn, entry: MappingEntry, header: Sequence[str], formats: Formats, learned: Learned
    ) -> None:
        self.column = column
        if column.key in learned.accepted_dates:
            formats = replace(formats, earliest=None, latest=None)
        if column.infers_decimal and formats.decimal == DecimalMark.AUTO and column.key in learned.decimals:
            formats = replace(formats, decimal=learned.decimals[column.key], decimal_is_inferred=True)
        self.formats = formats
        # The marks before decimals that cells proved, where nobody has said which it is.
        self.proven: set[DecimalMark] = set()
        self.infers = column.infers_decimal and formats.decimal == DecimalMark.AUTO
        self.fixed = clean_text(str(entry.get("fixed") or ""))
        places = {name: index for index, name in enumerate(header)}
        self.indexes = [places[name] for name in entry.get("from", []) if name in places]
        self.one = self.indexes[0] if len(self.indexes) == 1 else None
        self.meanings = {same_value(theirs): ours for theirs, ours in (entry.get("values") or {}).items()}
        self.splits = bool(entry.get("split"))
        self.memory: dict[str, tuple[Value | Meaning | None, RowProblem | None]] = {}

    def raw(self, cells: Sequence[str]) -> str:
        """The text of a row's cell, before it is understood."""
        if self.one is not None:
            text = cells[self.one]
        elif self.indexes:
            parts = [part for index in self.indexes if (part := cells[index].strip()) not in NOTHING]
            # What a spreadsheet says instead of a value spoils the whole.
            text = next((part for part in parts if is_error(part)), None) or self.column.join(parts)
        else:
            return self.fixed
        text = text.strip()
        return (self.fixed if text in NOTHING else text) if self.fixed else text

    def value(self, raw: str) -> tuple[Value | Meaning | None, RowProblem | None]:
        """The value of a cell and what is wrong with it; (None, None) for nothing."""
        known = self.memory.get(raw)
        if known is None:
            if len(self.memory) >= MEMORY:
                self.memory.clear()
            known = self.memory[raw] = (None, None) if raw in NOTHING else self._understand(raw)
        return known

    def fill(self, planned: Sequence[Planned[R, D]]) -> list[Planned[R, D]]:
        """Puts the column's value on each row that has one, and what is wrong with it. Gives the rows whose value
        means that the person wants nothing of them."""
        key, only, known = self.column.key, self.one, self.memory
        left_out: list[Planned[R, D]] = []
        if self.fixed:
            only = None
        for row in planned:
            raw = self.raw(row.cells) if only is None else row.cells[only].strip()
            value, problem = known.get(raw) or self.value(raw)
            if value is Meaning.LEAVE_OUT:
                left_out.append(row)
            elif value is not None and (self.splits or type(value) is Span):
                parts = self.column.take_apart(value)
                row.values.update(parts | row.values)
                if self.splits and len(parts) == 1 and self.column.left_whole:
                    row.note = str(self.column.left_whole)
            elif value is not None:
                row.values[key] = value
            elif problem is not None:
                row.problems.append(problem)
                row.state = RowState.FAILED
        return left_out

    def mind_faults(self, rows: Sequence[Planned[R, D]]) -> None:
        """Puts on each row what was wrong with its cell when the file was read, unless it was said what that means."""
        for row in rows:
            faults = row.cells.faults if isinstance(row.cells, FaultyCells) else {}
            fault = next((faults[index] for index in self.indexes if index in faults), None)
            if fault is None or same_value(self.raw(row.cells)) in self.meanings:
                continue
            if fault.suggestion and self.formats.spelling == Spelling.MEND:
                self._mend(row, faults)
                continue
            row.take_back(self.column.key)
            value = fault.value or self.raw(row.cells)
            row.problems.append(problem_with(self.column.key, value, fault.reason, fault.code, fault.suggestion))
            row.state = RowState.FAILED

    def _mend(self, row: Planned[R, D], faults: Mapping[int, Fault]) -> None:
        for index in self.indexes:
            if (fault := faults.get(index)) and fault.suggestion:
                row.cells[index] = fault.suggestion
        row.take_back(self.column.key)
        self.fill([row])

    def _understand(self, raw: str) -> tuple[Value | Meaning | None, RowProblem | None]:
        text, key = raw, self.column.key
        if len(raw) > LONGEST_CELL:
            reason = _("is longer than %(most)d characters") % {"most": LONGEST_CELL}
            return None, problem_with(key, raw[: WHOLE_VALUE + 1], reason, "too_long")
        if self.meanings:
            meaning = self.meanings.get(same_value(raw), raw)
            if meaning is None:
                return Meaning.LEAVE_OUT, None
            if meaning in NOTHING:
                return None, None
            text = meaning if meaning != raw else self._parts_understood(raw)
        if text == raw:
            if is_error(text):
                return None, problem_with(key, text, _("is an error in the spreadsheet, no value"), "error")
            meant = mended(text)
            if meant is not None and meant != text and self.formats.spelling == Spelling.MEND:
                text = meant
            elif meant is not None:
                reason = _("holds characters that were converted wrongly before")
                return None, problem_with(key, clean_text(raw), reason, "spelling", meant if meant != text else "")
        if self.infers and (mark := decimal_mark_of(text)):
            self.proven.add(mark)
        try:
            return self.column.clean(text, self.formats), None
        except ValidationError as fault:
            code = getattr(fault, "code", "") or "invalid"
            return None, problem_with(key, clean_text(raw), fault.messages[0], code)

    def _parts_understood(self, raw: str) -> str:
        """A cell that holds several names, with the meaning of each."""
        parts = self.column.parts_of(raw)
        meanings = [self.meanings.get(same_value(part), part) for part in parts]
        return raw if meanings == parts else "; ".join(meaning for meaning in meanings if meaning)


class Numbering:
    """Tells rows with the same external ID apart, by their order in the file: A-1, A-1-2, A-1-3.

    The same file gives the same IDs each time, so that importing it again finds the jobs it made.
    """

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def told_apart(self, external_id: str) -> str:
        """The row's own ID. Counts it."""
        count = self.counts[hash(external_id)] = self.counts.get(hash(external_id), 0) + 1
        return external_id if count == 1 else f"{external_id}-{count}"


class Planner(Generic[R, D]):
    """Plans the rows of one run, chunk by chunk. ``kind``: what the rows are (imports.kinds)."""

    def __init__(
        self,
        kind: ImportKind[R, D],
        header: Sequence[str],
        mapping: Mapping[str, MappingEntry],
        formats: Formats,
        learned: Learned = Learned(),  # it is frozen
    ) -> None:
        self.kind, self.width, self.formats = kind, len(header), formats
        known = {column.key: column for column in kind.columns()}
        keys = [key for key in mapping if key in known]
        self.columns = [MappedColumn(known[key], mapping[key], header, formats, learned) for key in keys]
        # The place of the last cell that anything is taken from.
        self.last_used = max((index for one in self.columns for index in one.indexes), default=-1)
        parts = [part for one in self.columns if one.splits for part in one.column.splits if part not in keys]
        parts += [part for one in self.columns for part in one.column.also_fills if part not in keys]
        kind.mapped = [known[key] for key in (*keys, *parts)]
        kind.formats = {one.column.key: one.formats for one in self.columns}
        self.numbering = Numbering() if formats.repeats == Repeats.NUMBER and kind.numbers_repeats else None

    def inferred_decimals(self) -> dict[str, str]:
        """The mark before decimals of each column, by its key, where the cells read so far prove one and no other."""
        return {one.column.key: next(iter(one.proven)).value for one in self.columns if len(one.proven) == 1}

    @property
    def external_id(self) -> MappedColumn | None:
        """The column by which rows are recognised, if the mapping has it."""
        return next((one for one in self.columns if one.column.key == "external_id"), None)

    def plan(self, rows: Iterable[Row]) -> list[Planned[R, D]]:
        """What would become of each row. Reads the database, in sets; writes nothing."""
        planned: list[Planned[R, D]] = [Planned(number, cells, {}) for number, cells in rows]
        left_out = [row for column in self.columns for row in column.fill(planned)]
        faulty = [row for row in planned if isinstance(row.cells, FaultyCells)]
        if faulty:
            for column in self.columns:
                column.mind_faults(faulty)
            for row in faulty:
                self._mind_whole(row)
        self._check_width(planned)
        if self.numbering is not None and self.external_id is not None:
            for row in planned:
                self._tell_apart(row, self.numbering, self.external_id)
        for row in left_out:
            row.leave(_("left out, as you said"))
        self.kind.judge([row for row in planned if row.state != RowState.SKIPPED] if left_out else planned)
        for row in faulty:
            # Of a row whose cells stand in the wrong columns, nothing else is worth saying.
            row.problems = [one for one in row.problems if one.column == WHOLE_ROW] or row.problems
        return planned

    def remember(self, rows: Iterable[Row], failed: Collection[int]) -> None:
        """Told, before it goes on in the middle of a file, of the rows above; ``failed``: numbers of those that did."""
        column, own = self.external_id, next((one for one in self.columns if is_own(one.column)), None)
        if column is None and own is None:
            return
        for number, cells in rows:
            if own is not None and number not in failed and isinstance(ours := own.value(own.raw(cells))[0], str):
                self.kind.remember_own(ours)
            if column is None:
                continue
            external_id, _problem = column.value(column.raw(cells))
            if not isinstance(external_id, str):
                continue
            if self.numbering is not None:
                self.numbering.told_apart(external_id)
            elif number not in failed:
                self.kind.remember(external_id)

    def _tell_apart(self, row: Planned[R, D], numbering: Numbering, mapped: MappedColumn) -> None:
        external_id = row.text("external_id")
        if external_id is None:
            return
        own = numbering.told_apart(external_id)
        if own != external_id:
            row.values["external_id"], row.repeats = own, True
            if len(own) > mapped.column.max_length:
                row.fail("external_id", own, _("is too long for the number of its repetition"), "too_long")
            # So that the row, should it fail and be uploaded again by itself, is still that job.
            if mapped.one is not None:
                row.cells[mapped.one] = own

    def prepare(self, rows: Iterable[Row]) -> list[Planned[R, D]]:
        """The same, ready to be written."""
        planned = self.plan(rows)
        self.kind.prepare(planned)
        return planned

    def write(self, planned: Sequence[Planned[R, D]]) -> None:
        """Makes and changes what the plan says; a row that is refused then gets its problem here."""
        self.kind.write(planned)

    def _mind_whole(self, row: Planned[R, D]) -> None:
        """What is wrong with the row as a whole, unless only cells are used that it does not touch."""
        fault = row.cells.whole if isinstance(row.cells, FaultyCells) else None
        if fault is None or not isinstance(row.cells, FaultyCells):
            return
        if fault.code in ("too_narrow", "too_wide"):
            if row.cells.sound > self.last_used:
                return
            if self.formats.widths == Widths.FILL and is_blank(row.cells[self.width :]):
                return
        row.fail(WHOLE_ROW, clean_text(fault.value), fault.reason, fault.code)

    def _check_width(self, planned: Sequence[Planned[R, D]]) -> None:
        width = self.width
        for row in planned:
            if len(row.cells) > width and any(row.cells[width:]) and not row.has_problem_in(WHOLE_ROW):
                surplus = next(cell for cell in row.cells[width:] if cell)
                why = _("stands right of the last column, where no column name is")
                row.fail(WHOLE_ROW, clean_text(surplus), why, "too_wide")


AnyPlanner = Planner[Any, Any]


def chunks(rows: Iterator[T], size: int, first: int | None = None) -> Iterator[list[T]]:
    """Rows (or whatever is to be dealt with in pieces) in lists of ``size``; the ``first`` may be another."""
    length = first or size
    while chunk := list(islice(rows, length)):
        yield chunk
        length = size


def shown_value(value: object) -> str:
    """A value as the pages show it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return written_exactly(local) if is_one_of_two(local) else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown_value, value))[:200]
    return str(value)[:200]
