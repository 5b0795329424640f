"""Rows of a text file, in whatever dialect."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from audit.expressions import MULTILINE, Expression, escape
from imports.reading.encoding import MARKS, SURROGATES, has_unreadable, mended_bytes, readable
from imports.reading.header import shape_of
from imports.reading.shape import MAX_CELL, SAMPLE, SAMPLE_ROWS, Fault, FaultyCells, Reading, Row
from imports.reading.wrapping import unpacked

# What is looked for; a person may name any other character.
DELIMITERS = ",;\t|"
# What nobody would take for a delimiter, unless nothing else makes columns.
RARE_DELIMITERS = "^~¦\x1f"
QUOTES = "\"'"


def quoting_of(text: str, delimiter: str) -> tuple[str, str]:
    """The quotation mark, and the mark before one that is meant ("" where it is doubled instead)."""
    in_single, escaped = quote_expressions(delimiter)
    if '"' not in text and len(list(islice(in_single.finditer(text), 2))) == 2:
        return "'", ""
    meant = escaped.search(text)
    return '"', "\\" if meant and '""' not in text.replace('\\""', "") else ""


@lru_cache(maxsize=64)
def quote_expressions(delimiter: str) -> tuple[Expression, Expression]:
    """Return what finds a cell in single quotation marks, and a quotation mark that is meant, with that delimiter."""
    edge = escape(delimiter)
    return (
        Expression(rf"(?:^|{edge})'[^'\n]*'(?={edge}|\r?$)", MULTILINE, longest=SAMPLE, listed=False),
        Expression(rf'\\"(?![{edge}\r\n"]|$)', longest=SAMPLE, listed=False),
    )


def delimiter_of(text: str) -> str:
    """The delimiter by which most rows have the same number of cells, and the more cells the better."""
    if (first := text.split("\n", 1)[0].strip().strip('"').lower()).startswith("sep=") and len(first) == 5:
        return first[4]
    best = max(DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))
    if _regularity(text, best):
        return best
    rare = max(RARE_DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))
    return rare if _regularity(text, rare) else best


def _regularity(text: str, delimiter: str) -> float:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    widths: Counter[int] = Counter()
    try:
        for row in reader:
            if any(row):
                widths[len(row)] += 1
            if sum(widths.values()) >= SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    if not widths:
        return 0.0
    width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
    return rows / sum(widths.values()) * math.log2(min(width, 64)) if width > 1 else 0.0


def usual_width(text: str, reading: Reading) -> int:
    """How many cells most lines of a text have, each looked at by itself."""
    lines = [line for line in text.splitlines()[:SAMPLE_ROWS] if line.strip()]
    widths = Counter(len(line_cells(line, reading.delimiter, reading.quote)) for line in lines)
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0] if widths else 0


def line_cells(line: str, delimiter: str, quote: str) -> list[str]:
    """The cells of one line by itself: a quotation mark encloses a cell only where one closes it before a delimiter."""
    line = line.rstrip("\r\n")
    cells: list[str] = []
    place, end = 0, len(line)
    while place <= end:
        if quote and line.startswith(quote, place):
            close = _closing(line, place + 1, delimiter, quote)
            if close >= 0:
                cells.append(line[place + 1 : close].replace(quote * 2, quote))
                place = close + 2
                continue
        stop = line.find(delimiter, place)
        stop = end if stop < 0 else stop
        cells.append(line[place:stop])
        place = stop + 1
    return cells


def _closing(line: str, place: int, delimiter: str, quote: str) -> int:
    """Where the quotation mark stands that closes a cell; -1 if none does."""
    while (place := line.find(quote, place)) >= 0:
        if line.startswith(quote, place + 1):
            place += 2
        else:
            return place if place + 1 == len(line) or line[place + 1] == delimiter else -1
    return -1


class _Lines:
    """The lines of a file for the CSV reader; those of a row are remembered until it is complete, so that they can come
    again.

    ``ended``: more were asked for than there are. ``unreadable``: one of them holds bytes that are none of its
    encoding's.
    """

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.again: deque[str] = deque()
        self.taken: list[str] = []
        self.ended = self.unreadable = False

    def feed(self) -> Iterator[str]:
        """The lines, from where they stand."""
        self.ended = False
        take = self.taken.append
        while self.again:
            line = self.again.popleft()
            self.unreadable = self.unreadable or has_unreadable(line)
            take(line)
            yield line
        for line in self.text:
            if not line.isascii() and has_unreadable(line):
                self.unreadable = True
            take(line)
            yield line
        self.ended = True

    def row_is_over(self) -> None:
        """Forgets the lines of a row."""
        self.taken.clear()
        self.unreadable = False


def text_rows(path: Path, reading: Reading) -> Generator[Row, None, None]:
    """Every row of the file. A row that was swallowed by a quotation mark nobody closed comes by itself, and the row
    with the mark says so."""
    csv.field_size_limit(MAX_CELL)
    with unpacked(path, reading) as stream:
        head = stream.peek(4)
        for mark, encoding in MARKS:
            if encoding == reading.encoding and head.startswith(mark):
                stream.read(len(mark))
        text = io.TextIOWrapper(stream, encoding=reading.encoding, errors=SURROGATES, newline="")
        try:
            yield from _rows(_Lines(text), reading)
        finally:
            text.detach()


def _rows(lines: _Lines, reading: Reading) -> Iterator[Row]:
    number = 0
    taken = lines.taken
    going_on = True
    while going_on:
        going_on = False
        fault: csv.Error | None = None
        reader = _csv_reader(lines.feed(), reading)
        while True:
            try:
                for cells in reader:
                    number += 1
                    # Nearly every row is one line with nothing strange in it.
                    if len(taken) > 1 or lines.unreadable or lines.ended or number == 1:
                        break
                    yield number, cells
                    taken.clear()
                else:
                    return
            except csv.Error as error:
                number, cells, fault = number + 1, [], error
            # A reader that asked for more lines than there are has a cell that is still open.
            broken = lines.ended or fault is not None
            if len(taken) > 1 and reading.quote and _swallowed(taken, cells, broken, reading):
                lines.again.extendleft(reversed(taken[1:]))
                cells = _with_stray_mark(line_cells(taken[0], reading.delimiter, reading.quote), reading.quote)
                going_on = True
            elif fault is not None:
                raise fault
            elif lines.ended:
                cells = FaultyCells(cells, whole=Fault("quote", _never_closed(), value=cells[-1][:200]))
            if number == 1 and len(cells) == 1 and cells[0].lower().startswith("sep="):
                cells = []
            yield number, _readable(cells, reading) if lines.unreadable else cells
            lines.row_is_over()
            if going_on:
                break


def _csv_reader(lines: Iterator[str], reading: Reading) -> Iterator[list[str]]:
    """The cells of each row, in the dialect that was found."""
    if not reading.quote:
        return csv.reader(lines, delimiter=reading.delimiter, quoting=csv.QUOTE_NONE)
    escape = reading.escape or None
    return csv.reader(lines, delimiter=reading.delimiter, quotechar=reading.quote, escapechar=escape)


def _swallowed(lines: Sequence[str], cells: Sequence[str], broken: bool, reading: Reading) -> bool:
    """Are these lines, which the reader took for one row, rows of their own?

    ``broken``: the row has no end. Otherwise they are where each of them is as wide as the table, and either the
    quotation marks are not where a cell begins and ends, or each begins as the rows of the table do.
    """
    delimiter, quote = reading.delimiter, reading.quote
    if broken:
        return any(len(line_cells(line, delimiter, quote)) == reading.width for line in lines[1:])
    if delimiter not in lines[-1]:
        return False
    apart = [line_cells(line, delimiter, quote) for line in lines]
    if any(len(one) != reading.width for one in apart):
        # The first and the last of them may be too wide or too narrow: what was swallowed between them counts.
        inner = apart[1:-1]
        all_wide = all(len(one) == reading.width for one in inner)
        return all_wide and len(inner) > 1 and len(cells) != reading.width
    if len(cells) != reading.width:
        return True
    if not any(delimiter in cell and "\n" in cell.replace("\r", "\n") for cell in cells):
        return False
    whole = "".join(lines).rstrip("\r\n")
    if line_cells(whole, delimiter, quote) != list(cells):
        return True
    shapes = {shape_of(one[0]) for one in apart}
    return len(shapes) == 1 and "9" in shapes.pop()


def _with_stray_mark(cells: list[str], quote: str) -> FaultyCells:
    """The cells of a line in which a quotation mark swallowed what stands below."""
    begun = next((cell for cell in cells if cell.startswith(quote)), cells[0])
    return FaultyCells(cells, whole=Fault("quote", _never_closed(), value=begun[:200]))


def _never_closed() -> str:
    return _(
        "begins with a quotation mark that is not closed: take it away, or say in step 2 that cells are enclosed in"
        " nothing"
    )


def _readable(cells: list[str], reading: Reading) -> FaultyCells:
    """Cells in which the bytes that are none of the file's encoding are replaced, each with what was probably meant."""
    marked = cells if isinstance(cells, FaultyCells) else FaultyCells(cells)
    for place, cell in enumerate(cells):
        if has_unreadable(cell):
            meant = mended_bytes(cell)
            marked[place] = readable(cell)
            reason = _("holds a character that is not written in %s, as the rest of the file is")
            marked.faults[place] = Fault("encoding", reason % reading.encoding.upper(), suggestion=meant)
    return marked
