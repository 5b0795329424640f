"""How a file is read, and how much of one: what every module here speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypedDict

# A row: its number as a spreadsheet counts (from 1, blank lines included), and its cells as text. Cells of which some
# could not be read are ``FaultyCells``.
Row = tuple[int, list[str]]
# Is that a name of a column we know? Said by whoever knows what the file is to hold.
Recognise = Callable[[str], bool]

MAX_COLUMNS = 500
MAX_CELL = 131_072
# How much of a file is looked at to find out how it is written.
SAMPLE = 256 * 1024
SAMPLE_ROWS = 200
# Lines in which the names of the columns may stand.
MOST_HEADER_LINES = 3
# What nobody sees in a cell: such a cell is blank.
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"


def is_blank(cells: Iterable[str]) -> bool:
    """Is nothing to be seen in any of these cells?"""
    return not any(cell and cell.strip().strip(_UNSEEN) for cell in cells)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, or a row, before anybody asks what it means.

    ``reason`` completes "“value” …". ``value``: what is shown, if that is not the cell. ``suggestion``: what was
    probably meant.
    """

    code: str
    reason: str
    value: str = ""
    suggestion: str = ""


class FaultyCells(list[str]):
    """The cells of a row with something wrong in it.

    ``faults``: by the cell's place. ``whole``: of the row as a whole; the first ``sound`` cells are not touched by it.
    """

    __slots__ = ("faults", "sound", "whole")

    def __init__(
        self, cells: Iterable[str], faults: dict[int, Fault] | None = None, whole: Fault | None = None, sound: int = 0
    ) -> None:
        super().__init__(cells)
        self.faults: dict[int, Fault] = faults or {}
        self.whole, self.sound = whole, sound


class Corrections(TypedDict, total=False):
    """What a person says of how a file is read. None (or an empty text, but for ``quote``): it is to be found out.

    ``last_row``: 0 for the end of the file. ``read_hidden``: rows that are hidden in the workbook are read too.
    """

    encoding: str | None
    delimiter: str | None
    quote: str | None
    sheet: str | None
    header_row: int | None
    header_lines: int | None
    last_row: int | None
    read_hidden: bool | None


_TEXTS: tuple[Literal["encoding", "delimiter", "quote", "sheet"], ...] = ("encoding", "delimiter", "quote", "sheet")
_ROWS: tuple[Literal["header_row", "header_lines", "last_row"], ...] = ("header_row", "header_lines", "last_row")


def corrections_from(said: Mapping[str, object]) -> Corrections:
    """What is said of how a file is read, without what is to be found out."""
    corrections = Corrections()
    for text in _TEXTS:
        if isinstance(value := said.get(text), str):
            corrections[text] = value
    for number in _ROWS:
        if isinstance(value := said.get(number), int):
            corrections[number] = value
    if (value := said.get("read_hidden")) is not None:
        corrections["read_hidden"] = bool(value)
    return corrections


@dataclass
class Reading:
    """How a file is read. ``header_row``: the number of the row with the column names, 0 when there is none; of
    several such rows (``header_lines``) the last. ``last_row``: the last that is read, 0 for the end of the file.

    ``header``: the column names, each different from the others, blank ones named after their letter. ``width``: how
    many cells a row has that is as wide as the header, 0 where that says nothing. ``quote``: the quotation mark, empty
    when there is none; ``escape``: what stands before one that is meant, empty when it is doubled. ``packed``: "gzip",
    or the name of the file in the zip. ``given``: what a person corrected (Corrections).

    What was seen on the way, to be told: ``below``: what stands under the last row ("notes" or "table");
    ``hidden_sheets``, ``hidden_columns`` by name; ``hidden_rows``: their number; ``merged``: cells are; ``unreadable``:
    how many bytes are none of the encoding's.
    """

    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    header_row: int = 1
    header: list[str] = field(default_factory=list)
    packed: str = ""
    header_lines: int = 1
    width: int = 0
    last_row: int = 0
    below: str = ""
    read_hidden: bool = False
    hidden_rows: int = 0
    hidden_sheets: list[str] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    merged: bool = False
    unreadable: int = 0
    given: Corrections = field(default_factory=Corrections)

    def as_json(self) -> dict[str, object]:
        """For keeping with the run."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Reading:
        """The reverse of ``as_json``."""
        return cls(**kept)
