"""Rows to a checked plan: which cell is what, what is wrong with it, and what would become of the row.

Works on chunks of rows, so that it costs a fixed number of queries a chunk and no memory that grows with the file. The
check and the run use the same planner: what the check promised is what the run does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.excerpts import excerpt
from imports.choices import Repeats, RowState
from imports.columns import LONGEST_CELL, NOTHING, Column, Formats, clean_text, same_value
from imports.reading import Row

# Values that repeat are cleaned once; past this many different ones a column starts over.
MEMORY = 20_000
# What a value means that the person wants no row of.
LEFT_OUT: Any = object()
# How much of a wrong value is shown, and how long one may be to be kept whole.
SHOWN_VALUE, WHOLE_VALUE = 80, 500


@dataclass(slots=True)
class Problem:
    """Wrong with one cell: column (as ``named`` says it), value, a reason that completes "“value” …", code.

    ``whole``: the value as a remedy has to name it, while ``value`` is as much of it as is shown. Empty where the
    problem is the cell's and not the value's (SAME_VALUE), and of a value so long that it would swell the report.
    """

    column: str
    value: str
    reason: str
    code: str = "invalid"
    whole: str = ""


def problem_with(column: str, value: str, reason: str, code: str) -> Problem:
    """The problem with a value, of any length."""
    whole = value if code in SAME_VALUE and len(value) <= WHOLE_VALUE else ""
    return Problem(column, cut_short(value), reason, code, whole)


def cut_short(value: str) -> str:
    """As much of a value of theirs as is shown."""
    return excerpt(value, SHOWN_VALUE)


@dataclass(slots=True)
class Planned:
    """One row on its way: ``values`` by column key, then what becomes of it.

    ``existing``: the record it was matched with. ``changes``: {field: (old, new)} for a record that would be changed.
    ``note``: why it is left. ``repeats``: its external ID stands further up. ``made``: what the kind needs to make the
    record. ``object_id`` and ``label`` are known once it is written (or matched).
    """

    number: int
    cells: list[str]
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    state: str = RowState.MADE
    existing: Any = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    note: str = ""
    made: Any = None
    object_id: int | None = None
    label: str = ""
    repeats: bool = False

    def fail(self, column: str, value: Any, reason: str, code: str) -> None:
        """Puts a problem on the row: it will not be written."""
        self.problems.append(problem_with(column, str(value), reason, code))
        self.state = RowState.FAILED

    def shown(self) -> dict[str, str]:
        """Its values in words, by column key."""
        return {key: shown(value) for key, value in self.values.items()}


def named(label: str, entry: dict[str, Any]) -> str:
    """A column as problems name it: our label, and the file's own if that is another: “Start (Begin of work)”."""
    theirs = ", ".join(entry.get("from", []))
    return label if not theirs or theirs.casefold() == label.casefold() else f"{label} ({theirs})"


class Source:
    """Where the text of one column comes from: columns of the file, or a fixed value; then its value map."""

    def __init__(self, column: Column, entry: dict[str, Any], header: Sequence[str], formats: Formats) -> None:
        self.column, self.formats = column, formats
        self.label = str(column.label)
        self.fixed = clean_text(str(entry.get("fixed") or ""))
        places = {name: index for index, name in enumerate(header)}
        self.indexes = [places[name] for name in entry.get("from", []) if name in places]
        self.one = self.indexes[0] if len(self.indexes) == 1 else None
        self.map = {same_value(theirs): ours for theirs, ours in (entry.get("values") or {}).items()}
        self.splits = bool(entry.get("split"))
        self.memory: dict[str, tuple[Any, Problem | None]] = {}

    def raw(self, cells: Sequence[str]) -> str:
        """The text of a row's cell, before it is understood."""
        if self.one is not None:
            text = cells[self.one]
        elif self.indexes:
            parts = (cells[index].strip() for index in self.indexes)
            text = (self.column.joins or " ").join(part for part in parts if part not in NOTHING)
        else:
            return self.fixed
        text = text.strip()
        return (self.fixed if text in NOTHING else text) if self.fixed else text

    def value(self, raw: str) -> tuple[Any, Problem | None]:
        """The value of a cell and what is wrong with it; (None, None) for nothing."""
        known = self.memory.get(raw)
        if known is None:
            if len(self.memory) >= MEMORY:
                self.memory.clear()
            known = self.memory[raw] = (None, None) if raw in NOTHING else self._understand(raw)
        return known

    def fill(self, planned: Sequence[Planned]) -> list[Planned]:
        """Puts the column's value on each row that has one, and what is wrong with it. Gives the rows whose value
        means that the person wants nothing of them."""
        key, only, known, left_out = self.column.key, self.one, self.memory, []
        if self.fixed:
            only = None
        for row in planned:
            raw = self.raw(row.cells) if only is None else row.cells[only].strip()
            value, problem = known.get(raw) or self.value(raw)
            if value is LEFT_OUT:
                left_out.append(row)
            elif value is not None and self.splits:
                row.values.update(self.column.take_apart(value) | row.values)
            elif value is not None:
                row.values[key] = value
            elif problem is not None:
                row.problems.append(problem)
                row.state = RowState.FAILED
        return left_out

    def _understand(self, raw: str) -> tuple[Any, Problem | None]:
        text = raw
        if len(raw) > LONGEST_CELL:
            reason = _("is longer than %(most)d characters") % {"most": LONGEST_CELL}
            return None, problem_with(self.label, raw[: WHOLE_VALUE + 1], reason, "too_long")
        if self.map:
            text = self.map.get(same_value(raw), raw)
            if text is None:
                return LEFT_OUT, None
            if text in NOTHING:
                return None, None
        try:
            return self.column.clean(text, self.formats), None
        except ValidationError as fault:
            code = getattr(fault, "code", "") or "invalid"
            return None, problem_with(self.label, clean_text(raw), fault.messages[0], code)


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


class Planner:
    """Plans the rows of one run, chunk by chunk. ``kind``: what the rows are (imports.kinds)."""

    def __init__(self, kind: Any, header: Sequence[str], columns: dict[str, Any], formats: Formats) -> None:
        self.kind, self.width = kind, len(header)
        known = {column.key: column for column in kind.columns()}
        self.sources = [Source(known[key], entry, header, formats) for key, entry in columns.items() if key in known]
        kind.mapped = [source.column.key for source in self.sources]
        labels = {key: str(known[key].label) for key in columns if key in known}
        self.numbering = Numbering() if formats.repeats == Repeats.NUMBER and kind.numbers_repeats else None
        self.names = {label: named(label, columns[key]) for key, label in labels.items()}

    def plan(self, rows: Iterable[Row]) -> list[Planned]:
        """What would become of each row. Reads the database, in sets; writes nothing."""
        planned = [Planned(number, cells, {}) for number, cells in rows]
        left_out = [row for source in self.sources for row in source.fill(planned)]
        self._insist_on_width(planned)
        if self.numbering is not None:
            for row in planned:
                self._tell_apart(row)
        for row in left_out:
            row.state, row.note = RowState.SKIPPED, _("left out, as you said")
            row.problems.clear()
        self.kind.judge([row for row in planned if row.state != RowState.SKIPPED] if left_out else planned)
        self._name_columns(planned)
        return planned

    def remember(self, rows: Iterable[Row], failed: Collection[int]) -> None:
        """Told, before it goes on in the middle of a file, of the rows above; ``failed``: numbers of those that did."""
        source = next((one for one in self.sources if one.column.key == "external_id"), None)
        if source is None:
            return
        for number, cells in rows:
            external_id, _problem = source.value(source.raw(cells))
            if self.numbering is not None and external_id is not None:
                self.numbering.told_apart(external_id)
            elif external_id is not None and number not in failed:
                self.kind.remember(external_id)

    def _tell_apart(self, row: Planned) -> None:
        external_id = row.values.get("external_id")
        if external_id is None:
            return
        own = self.numbering.told_apart(external_id)  # type: ignore[union-attr]
        if own != external_id:
            row.values["external_id"], row.repeats = own, True
            source = next(one for one in self.sources if one.column.key == "external_id")
            if len(own) > source.column.max_length:
                row.fail(source.label, own, _("is too long for the number of its repetition"), "too_long")
            # So that the row, should it fail and be uploaded again by itself, is still that job.
            if source.one is not None:
                row.cells[source.one] = own

    def prepare(self, rows: Iterable[Row]) -> list[Planned]:
        """The same, ready to be written."""
        planned = self.plan(rows)
        self.kind.prepare(planned)
        return planned

    def write(self, planned: Sequence[Planned]) -> None:
        """Makes and changes what the plan says; a row that is refused then gets its problem here."""
        self.kind.write(planned)
        self._name_columns(planned)

    def _name_columns(self, planned: Sequence[Planned]) -> None:
        for row in planned:
            if row.problems:
                row.problems = [replace(one, column=self.names.get(one.column, one.column)) for one in row.problems]

    def _insist_on_width(self, planned: Sequence[Planned]) -> None:
        width = self.width
        for row in planned:
            if len(row.cells) > width and any(row.cells[width:]):
                surplus = next(cell for cell in row.cells[width:] if cell)
                row.fail(
                    _("Row"), clean_text(surplus), _("stands right of the last column: is a quotation mark missing?"),
                    "too_wide",
                )  # fmt: skip


def chunks(rows: Iterator[Row], size: int, first: int | None = None) -> Iterator[list[Row]]:
    """Rows in lists of ``size``; the ``first`` may be another."""
    length = first or size
    while chunk := list(islice(rows, length)):
        yield chunk
        length = size


# --- what the check found -----------------------------------------------------------------------------------

SAMPLES = 20
GROUPS = 200
ROWS_NAMED = 10


class Report:
    """Sums plans up: counts, problems grouped with their rows, samples. Its size does not grow with the file."""

    def __init__(self) -> None:
        self.total = 0
        self.counts: dict[str, int] = dict.fromkeys(RowState.values, 0)
        self.groups: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.other_problems = 0
        self.samples: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.notes: dict[str, int] = {}
        # Rows whose external ID stands further up, and the first of them: [row, external ID].
        self.repeats = 0
        self.repeated: list[list[Any]] = []
        # Records of another kind that would be made along; set by who drives the check.
        self.new_records = 0

    def add(self, planned: Sequence[Planned]) -> None:
        """Takes a chunk in."""
        for row in planned:
            self.total += 1
            self.counts[row.state] += 1
            for problem in row.problems:
                self._group(row.number, problem)
            if row.repeats:
                self.repeats += 1
                if len(self.repeated) < ROWS_NAMED:
                    self.repeated.append([row.number, shown(row.values.get("external_id"))])
            if row.note:
                self.notes[row.note] = self.notes.get(row.note, 0) + 1
            if row.state in (RowState.MADE, RowState.CHANGED) and len(self.samples) < SAMPLES:
                self.samples.append({"row": row.number, "state": row.state, "cells": row.shown()})
            if row.changes and len(self.changes) < SAMPLES:
                self.changes.append(
                    {
                        "row": row.number,
                        "label": row.label,
                        "fields": [[name, shown(old), shown(new)] for name, (old, new) in row.changes.items()],
                    }
                )

    def _group(self, number: int, problem: Problem) -> None:
        # A wrong name is one problem of many rows; wrong dates are the same problem with many values.
        value = (problem.whole or problem.value) if problem.code in SAME_VALUE else ""
        key = (problem.column, problem.reason, value)
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= GROUPS:
                self.other_problems += 1
                return
            group = self.groups[key] = {
                "column": problem.column, "reason": problem.reason, "code": problem.code, "value": problem.whole,
                "count": 0, "rows": [],
            }  # fmt: skip
        group["count"] += 1
        if len(group["rows"]) < ROWS_NAMED:
            group["rows"].append([number, problem.value])

    def as_json(self) -> dict[str, Any]:
        """For keeping with the run."""
        groups = sorted(self.groups.values(), key=lambda group: -group["count"])
        return {
            "total": self.total,
            "counts": self.counts,
            "problems": groups,
            "other_problems": self.other_problems,
            "samples": self.samples,
            "changes": self.changes,
            "repeats": self.repeats,
            "repeated": self.repeated,
            "notes": sorted(self.notes.items(), key=lambda item: -item[1]),
        }


# Codes of problems that are the value's, not the cell's: many rows with the same value are one thing to mend.
SAME_VALUE = frozenset({"unknown", "ambiguous", "archived", "out_of_reach"})


def shown(value: Any) -> str:
    """A value as the pages show it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))[:200]
    return str(value)[:200]
