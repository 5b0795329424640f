"""Rows of a text file, in whatever dialect."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TextIO

from audit.expressions import MULTILINE, Expression, escape
from imports.reading.encoding import MARKS
from imports.reading.shape import MAX_CELL, SAMPLE, SAMPLE_ROWS, Reading, Row
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


def csv_reader(text: TextIO, reading: Reading) -> Iterator[list[str]]:
    """The cells of each row, in the dialect that was found."""
    if not reading.quote:
        return csv.reader(text, delimiter=reading.delimiter, quoting=csv.QUOTE_NONE)
    escape = reading.escape or None
    return csv.reader(text, delimiter=reading.delimiter, quotechar=reading.quote, escapechar=escape)


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


def text_rows(path: Path, reading: Reading) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    with unpacked(path, reading) as stream:
        head = stream.peek(4)
        for mark, encoding in MARKS:
            if encoding == reading.encoding and head.startswith(mark):
                stream.read(len(mark))
        text = io.TextIOWrapper(stream, encoding=reading.encoding, newline="")
        try:
            reader = csv_reader(text, reading)
            for number, cells in enumerate(reader, start=1):
                if number == 1 and len(cells) == 1 and cells[0].lower().startswith("sep="):
                    cells = []
                yield number, cells
        finally:
            text.detach()
