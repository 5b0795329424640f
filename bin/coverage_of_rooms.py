"""Prints how much of each room the tests reached: reads what coverage wrote as JSON. The last line is the total."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict


class Summary(TypedDict, total=False):
    """What coverage counted in one file; without branches where none were measured."""

    covered_lines: int
    num_statements: int
    covered_branches: int
    num_branches: int


class Measured(TypedDict):
    """One file of coverage's report."""

    summary: Summary


class Report(TypedDict):
    """Coverage's report, as far as it is read here."""

    files: Mapping[str, Measured]


def by_room(report: Report) -> list[tuple[str, int, int]]:
    """Return (room, reached, there) of each room in lines and branches, and at last "total" of them all."""
    reached: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for path, measured in report["files"].items():
        room, slash, _rest = path.partition("/")
        summary = measured["summary"]
        for name in (room if slash else ".", "total"):
            reached[name] += summary["covered_lines"] + summary.get("covered_branches", 0)
            there[name] += summary["num_statements"] + summary.get("num_branches", 0)
    rooms = sorted(set(there) - {"total"})
    return [(room, reached[room], there[room]) for room in (*rooms, "total")]


def main() -> None:
    report: Report = json.loads(Path(sys.argv[1]).read_text())
    for room, reached, there in by_room(report):
        share = f"{100 * reached / there:5.1f} %" if there else "      –"
        print(f"{room:<16}{share}  {there - reached:>6} of {there} not reached")


if __name__ == "__main__":
    main()
