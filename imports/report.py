"""What a check found: counts, problems grouped with their rows, samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NotRequired, TypedDict

from imports.choices import RowState
from imports.columns.base import D, R
from imports.new_names import NearName, NewName
from imports.plan import SAME_VALUE, Planned, RowProblem, shown_value

# Of as many rows that go in, and of as many that change, the check shows the cells.
SAMPLES = 20
GROUPS = 200
ROWS_NAMED = 10


class Group(TypedDict):
    """Rows with the same problem: the key of their column; the value, where it is the value's; [number, value];
    ``suggestion``: what the value was probably meant to be."""

    column: str
    reason: str
    code: str
    value: str
    suggestion: str
    count: int
    rows: list[list[int | str]]
    near: NotRequired[NearName | None]


class Sample(TypedDict):
    """A row that goes in: what its cells mean, by column key."""

    row: int
    state: str
    cells: dict[str, str]


class Change(TypedDict):
    """A record that would be changed: [field, old, new]."""

    row: int
    label: str
    fields: list[list[str]]


class Findings(TypedDict):
    """What is kept of a report with the run. ``repeated``: [number, external ID]. ``notes``: (why, rows). ``by_code``:
    how many problems have that code. ``broken_names``: of records that would be new."""

    """What is kept of a report with the run. ``repeated``: [number, external ID]. ``notes``: (why, rows).
    ``decimals``: {column key: mark before decimals}, as its clear cells prove it, where others can be two numbers."""

    total: int
    counts: dict[str, int]
    problems: list[Group]
    other_problems: int
    samples: list[Sample]
    changes: list[Change]
    repeats: int
    repeated: list[list[int | str]]
    notes: list[tuple[str, int]]
    by_code: dict[str, int]
    broken_names: list[str]
    decimals: dict[str, str]
    new_names: list[NewName]


class Report:
    """Sums plans up: counts, problems grouped with their rows, samples. Its size does not grow with the file."""

    def __init__(self) -> None:
        self.total = 0
        self.counts: dict[str, int] = dict.fromkeys(RowState.values, 0)
        self.groups: dict[tuple[str, str, str], Group] = {}
        self.other_problems = 0
        self.samples: list[Sample] = []
        self.changes: list[Change] = []
        self.notes: dict[str, int] = {}
        # Rows whose external ID stands further up, and the first of them: [row, external ID].
        self.repeats = 0
        self.repeated: list[list[int | str]] = []
        # Records of another kind that would be made along; set by who drives the check.
        self.new_records = 0
        # Open jobs that name a contact as it was before; by the same.
        self.open_jobs = 0
        self.broken_names: list[str] = []
        self.by_code: Counter[str] = Counter()
        self.decimals: dict[str, str] = {}
        self.new_names: list[NewName] = []

    def add(self, planned: Sequence[Planned[R, D]]) -> None:
        """Takes a chunk in."""
        for row in planned:
            self.total += 1
            self.counts[row.state] += 1
            for problem in row.problems:
                self._group(row.number, problem)
            if row.repeats:
                self.repeats += 1
                if len(self.repeated) < ROWS_NAMED:
                    self.repeated.append([row.number, shown_value(row.values.get("external_id"))])
            if row.note:
                self.notes[row.note] = self.notes.get(row.note, 0) + 1
            if row.state in (RowState.MADE, RowState.CHANGED) and len(self.samples) < SAMPLES:
                self.samples.append({"row": row.number, "state": row.state, "cells": row.shown()})
            if row.changes and len(self.changes) < SAMPLES:
                self.changes.append(
                    {
                        "row": row.number,
                        "label": row.label,
                        "fields": [
                            [name, shown_value(old), shown_value(new)] for name, (old, new) in row.changes.items()
                        ],
                    }
                )

    @property
    def has_unclear_numbers(self) -> bool:
        """Is there a number that can be two?"""
        return any(group["code"] == "unclear_number" for group in self.groups.values())

    def _group(self, number: int, problem: RowProblem) -> None:
        self.by_code[problem.code] += 1
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
                "suggestion": problem.suggestion, "count": 0, "rows": [],
            }  # fmt: skip
        group["count"] += 1
        if len(group["rows"]) < ROWS_NAMED:
            group["rows"].append([number, problem.value])

    def look_for_near_names(self, nearest: Callable[[str, str], NearName | None]) -> None:
        """Puts beside each name that is unknown whom somebody may have meant. ``nearest``: (key of a column, name)."""
        for group in self.groups.values():
            if group["code"] == "unknown" and group["value"] and not group["column"].endswith("_id"):
                group["near"] = nearest(group["column"], group["value"])

    def as_json(self) -> Findings:
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
            "decimals": self.decimals,
            "notes": sorted(self.notes.items(), key=lambda item: -item[1]),
            "by_code": dict(self.by_code),
            "broken_names": self.broken_names,
            "new_names": self.new_names,
        }
