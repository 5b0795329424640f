"""How a file is read, and how much of one: what every module here speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

# A row: its number as a spreadsheet counts (from 1, blank lines included), and its cells as text.
Row = tuple[int, list[str]]

MAX_COLUMNS = 500
MAX_CELL = 131_072
# How much of a file is looked at to find out how it is written.
SAMPLE = 256 * 1024
SAMPLE_ROWS = 200


class Corrections(TypedDict, total=False):
    """What a person says of how a file is read. None (or an empty text, but for ``quote``): it is to be found out."""

    encoding: str | None
    delimiter: str | None
    quote: str | None
    sheet: str | None
    header_row: int | None


@dataclass
class Reading:
    """How a file is read. ``header_row``: the number of the row with the column names, 0 when there is none.

    ``header``: the column names, each different from the others, blank ones named after their letter. ``quote``: the
    quotation mark, empty when there is none; ``escape``: what stands before one that is meant, empty when it is
    doubled. ``packed``: "gzip", or the name of the file in the zip.
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

    def as_json(self) -> dict[str, object]:
        """For keeping with the run."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Reading:
        """The reverse of ``as_json``."""
        return cls(**kept)
