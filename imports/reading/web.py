"""Rows of the table in a web page: what many programs call a workbook, and save as .xls."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Generator, Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.utils.translation import gettext as _

from console.errors import Refused
from imports.reading.shape import MAX_CELL, MAX_COLUMNS, Reading, Row
from imports.reading.wrapping import unpacked

# How a page begins, blanks and a byte order mark aside.
_BEGINNINGS = ("<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<style")
# What is read at once, and how much of a tag that does not end is waited for.
_PIECE, _LONGEST_TAG = 1 << 16, 1 << 20
_TABLES = 200
# Cells that stand in a row because one above goes on in it: a few signs can ask for hundreds in each row that follows.
_MOST_FROM_ABOVE = 20_000_000


def is_web_page(text: str) -> bool:
    """Does a text begin as a web page does, with a table in it?"""
    begin = text[:4096].lstrip("\ufeff \t\r\n").lower()
    if begin.startswith(("<?xml", "<!--")):
        begin = begin[max(begin.find(name) for name in _BEGINNINGS) :] if "<html" in begin else ""
    return begin.startswith(_BEGINNINGS) and "<tr" in text.lower()


def web_rows(path: Path, reading: Reading) -> Generator[Row, None, None]:
    """The rows of the largest table of the page."""
    counts: Counter[int] = Counter(table for table, _cells in _all_rows(path, reading))
    if not counts:
        return
    largest = max(counts, key=lambda table: (counts[table], -table))
    number = 0
    for table, cells in _all_rows(path, reading):
        if table == largest:
            number += 1
            yield number, cells


def _all_rows(path: Path, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    parser = _Tables()
    with unpacked(path, reading) as stream:
        text = io.TextIOWrapper(stream, encoding=reading.encoding, errors="replace")
        try:
            while piece := text.read(_PIECE):
                parser.feed(piece)
                if len(parser.rawdata) > _LONGEST_TAG:
                    raise Refused(_("The file is damaged or locked: it cannot be read."))
                yield from parser.take()
            parser.close()
            yield from parser.take()
        finally:
            text.detach()


class _Tables(HTMLParser):
    """Collects the rows of every table of a page: (which table, cells). A cell over several columns is its first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[int, list[str]]] = []
        self.open: list[int] = []
        self.tables = 0
        self.cells: list[str] | None = None
        self.text: list[str] | None = None
        self.length, self.span = 0, 1
        # Cells over several rows: place -> (rows that are left, text).
        self.down: dict[int, tuple[int, str]] = {}
        self.rows_down = 1
        self.from_above = 0
        self.silent = 0

    def take(self) -> list[tuple[int, list[str]]]:
        """The rows that are complete."""
        rows, self.rows = self.rows, []
        return rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables = min(self.tables + 1, _TABLES)
            self.open.append(self.tables)
        elif tag == "tr":
            self._end_row()
            self.cells = []
        elif tag in ("td", "th"):
            self._end_cell()
            if self.cells is None:
                self.cells = []
            self.text, self.length = [], 0
            said = dict(attrs)
            self.span = _count(said.get("colspan"))
            self.rows_down = _count(said.get("rowspan"))
        elif tag in ("br", "p", "div") and self.text:
            self.text.append("\n")
        elif tag in ("script", "style"):
            self.silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            self.down.clear()
            if self.open:
                self.open.pop()
        elif tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.silent and self.length < MAX_CELL:
            self.text.append(data[:MAX_CELL])
            self.length += len(data)

    def close(self) -> None:
        """The file has ended. A tag that has not is dropped: the parser would begin anew at each sign of it."""
        if self.rawdata.startswith("<"):
            self.rawdata = ""
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self.text is None or self.cells is None:
            return
        lines = (" ".join(line.split()) for line in "".join(self.text).split("\n"))
        text = "\n".join(line for line in lines if line)[:MAX_CELL]
        self.text = None
        self._fill_from_above()
        if len(self.cells) <= MAX_COLUMNS:
            texts = [text, *[""] * (self.span - 1)]
            if self.rows_down > 1:
                # A cell over several rows and columns leaves its place in each of them.
                first = len(self.cells)
                self.down |= {place: (self.rows_down - 1, one) for place, one in enumerate(texts, first)}
            self.cells += texts

    def _fill_from_above(self) -> None:
        while self.cells is not None and (above := self.down.get(len(self.cells))):
            left, text = above
            if left > 1:
                self.down[len(self.cells)] = (left - 1, text)
            else:
                del self.down[len(self.cells)]
            self.cells.append(text)
            self.from_above += 1
        if self.from_above > _MOST_FROM_ABOVE:
            raise Refused(_("The file is damaged or locked: it cannot be read."))

    def _end_row(self) -> None:
        self._end_cell()
        if self.cells is not None:
            has_its_own = bool(self.cells)
            self._fill_from_above()
            if self.open:
                # What only goes on from above says nothing a second time.
                self.rows.append((self.open[-1], self.cells if has_its_own else []))
            self.cells = None


def _count(said: str | None) -> int:
    return max(1, min(int(said), MAX_COLUMNS)) if said and said.isdecimal() and len(said) < 6 else 1
