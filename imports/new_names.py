"""Names in a file that nobody has yet: whom a run would make along, and whom somebody may have meant instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from audit.normal_form import normal_form
from imports.columns.broken import looks_broken

# So many new names are looked at, and so many are kept with the run: those with a near one first.
LOOKED_AT, NAMED = 500, 100
# As many names that look broken are kept, to be shown.
BROKEN_NAMED = 20


class NearName(TypedDict):
    """A name that is there. ``ours``: what a cell has to say to mean it; "" where no cell can."""

    name: str
    ours: str


class NewName(TypedDict):
    """A name that nobody has, as it is written first. ``column``: the key of the column that says who is meant, and
    ``theirs`` what it says; ``rows`` of that name, the first of them ``row``."""

    name: str
    column: str
    theirs: str
    row: int
    rows: int
    near: NearName | None


class NewNames:
    """Collects new names, row by row. Its size does not grow with the file.

    ``broken``: the first that look as if something went wrong with them on the way.
    """

    def __init__(self) -> None:
        self.broken: list[str] = []
        self._found: dict[tuple[str, str], NewName] = {}

    def add(self, name: str, row: int, *, column: str, theirs: str = "") -> None:
        """Takes a row in that names somebody new. ``theirs``: what its column says, if not the name."""
        theirs = theirs or name
        key = (column, normal_form(theirs))
        found = self._found.get(key)
        if found is not None:
            found["rows"] += 1
            return
        if len(self.broken) < BROKEN_NAMED and looks_broken(name) and name not in self.broken:
            self.broken.append(name)
        if len(self._found) < LOOKED_AT:
            self._found[key] = {
                "name": name, "column": column, "theirs": theirs, "row": row, "rows": 1, "near": None,
            }  # fmt: skip

    def listed(self, nearest: Callable[[str, str], NearName | None]) -> list[NewName]:
        """The names, those with a near one first. ``nearest``: (key of the column, name) -> the nearest."""
        for found in self._found.values():
            found["near"] = nearest(found["column"], found["name"])
        return sorted(self._found.values(), key=lambda found: (found["near"] is None, found["row"]))[:NAMED]
