"""What a column of a file is: its names, its values, and where they go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypedDict, TypeVar

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.expressions import Expression
from audit.languages import in_every_language
from audit.normal_form import folded, tidy
from audit.one_line import one_line
from audit.spreadsheet import undefused
from audit.wall_clock import pinned
from imports.choices import Dates, DecimalMark, Repeats, Spelling, Widths

Words = str | Promise
# Where a column's text comes from: columns of the file (joined), or else a fixed text; what their values mean with us
# (None: leave the row out); whether one cell holds what belongs into several columns.
MappingEntry = TypedDict(
    "MappingEntry", {"from": list[str], "fixed": str, "values": dict[str, str | None], "split": bool}, total=False
)
# The record of a kind, and the draft of one that a row makes.
R = TypeVar("R", bound=models.Model)
D = TypeVar("D")

# No cell that goes into a record holds more characters.
LONGEST_CELL = 10_000
# Characters that no text of ours holds: control characters, and marks that turn the direction of the text around.
_UNWANTED = dict.fromkeys(
    [*(n for n in range(32) if chr(n) not in "\n\t"), 0x7F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def _years_from_now(years: int) -> date:
    return timezone.localdate() + relativedelta(years=years)


@dataclass(frozen=True, slots=True)
class Span:
    """A start, and the end of a window of time that was promised with it."""

    start: datetime
    end: datetime | None = None


# What a cell is understood as.
Value = str | int | Decimal | datetime | Span | time | tuple[time, time] | list[str]


@dataclass(frozen=True)
class Formats:
    """How the file writes dates and numbers, where it is not clear; and what its repeated external IDs, its rows of
    another width and its texts that were converted wrongly mean.

    ``decimal_is_inferred``: from other cells of the column, and not said by the person. ``earliest``, ``latest``: dates
    outside are asked about; None for no limit. ``zone``: of a time that names none; looked up once, not for each cell.
    """

    dates: str = Dates.AUTO
    decimal: str = DecimalMark.AUTO
    repeats: str = Repeats.LEAVE
    widths: str = Widths.ASK
    spelling: str = Spelling.ASK
    # A time without a zone is the business's own; looked up once, not for each cell.
    decimal_is_inferred: bool = False
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)
    today: date = field(default_factory=timezone.localdate)
    earliest: date | None = field(default_factory=lambda: _years_from_now(-settings.IMPORT_YEARS_BACK))
    latest: date | None = field(default_factory=lambda: _years_from_now(settings.IMPORT_YEARS_AHEAD))


_BETWEEN_WORDS = Expression(r"[\W_]+", longest=1000)


def clean_text(raw: str) -> str:
    """Text without surrounding blanks, control characters and direction marks; line ends as \\n.

    The apostrophe that defuses a formula (audit.spreadsheet) is taken away again.
    """
    text = raw.strip()
    if "'" in text:
        text = undefused(text)
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNWANTED).strip()
    return text


def same_value(raw: str) -> str:
    """Two cells that differ only in case, in how their blanks and line ends are written and in what nobody sees say the
    same."""
    return folded(clean_text(raw))


def same_words(text: str) -> str:
    """Two headers or names that differ only in case, blanks and punctuation are the same."""
    return _BETWEEN_WORDS.sub(" ", folded(text)).strip()


def says_the_same(old: object, new: object) -> bool:
    """Does a record say already what a cell says, as far as a file can say it?

    A moment stands in a file to the minute.
    A text loses there what a cell loses that is read: blanks around it, signs that nobody sees.
    """
    if old == new:
        return True
    if isinstance(old, datetime) and isinstance(new, datetime):
        return pinned(old).replace(second=0, microsecond=0) == pinned(new)
    if isinstance(old, str) and isinstance(new, str):
        return new in (clean_text(old), tidy(clean_text(one_line(old))))
    return old is None and new == ""


class Target(ABC, Generic[R, D]):
    """Where the values of a column go: a place in a record (of type ``R``), and in the draft of one (``D``)."""

    @abstractmethod
    def read(self, record: R) -> object:
        """What the record says there now."""

    @abstractmethod
    def assign(self, draft: D, value: object) -> None:
        """Puts a value there: that of the cell, or the record that the cell names."""

    def holds(self, record: R, value: object) -> bool:
        """Is that what the record says already?"""
        return self.read(record) == value


@dataclass(frozen=True, kw_only=True, eq=False)
class Column(Generic[R, D]):
    """One column. A subclass is a type of values: ``clean`` turns text into one, or raises with a sentence.

    ``group``: the heading on the mapping page. ``aliases``: headers by which it is recognised, besides label and key.
    ``sample``: what the blank file says. ``has_lines``: its text may have several; otherwise line breaks become spaces
    before a record is looked for by it. ``joins``: several columns of the file may be joined into it, by this.
    ``changeable``: a file may change it on a record that is there. ``not_exported``: why the list's own file does not
    hold it, for us. ``infers_decimal``: which mark stands before its decimals is told by all its cells together.
    ``pairs``: names of two columns that are joined into it, if the file has both. ``own_names``: what our own lists
    call it besides; in other files such a heading may mean something else.
    """

    key: str
    label: Words
    group: Words
    target: Target[R, D]
    help: Words = ""
    aliases: tuple[str, ...] = ()
    sample: str = ""
    max_length: int = 0
    has_lines: bool = False
    joins: str = ""
    pairs: tuple[tuple[Sequence[str], Sequence[str]], ...] = ()
    changeable: bool = True
    not_exported: str = ""
    infers_decimal: bool = False
    own_names: tuple[Words, ...] = ()
    # One column of the file may be taken apart into it and these (see ``take_apart``), where the person says so.
    splits: ClassVar[Sequence[str]] = ()
    # A cell of it may say these as well.
    also_fills: ClassVar[Sequence[str]] = ()
    # Said of a row whose cell was to be taken apart and could not be.
    left_whole: ClassVar[Words] = ""

    def clean(self, raw: str, formats: Formats) -> Value:
        """The value of a cell. ``raw`` is not blank. Raises ValidationError."""
        return self.clean_words(raw)

    def clean_words(self, raw: str) -> str:
        """A cell's text, in one line unless it may have several. Raises ValidationError if it is too long."""
        text = clean_text(raw) if self.has_lines else tidy(clean_text(one_line(raw)))
        if self.max_length and len(text) > self.max_length:
            raise ValidationError(_("is longer than %(most)d characters") % {"most": self.max_length}, code="too_long")
        return text

    def join(self, parts: Sequence[str]) -> str:
        """The text of several cells, none of them blank, as one."""
        return (self.joins or " ").join(parts)

    def parts_of(self, raw: str) -> list[str]:
        """The names in a cell that may hold several, each of which may mean something else; none otherwise."""
        return []

    def take_apart(self, value: Value) -> dict[str, Value]:
        """The values of this column and of those named in ``splits``, from one."""
        return {self.key: value}

    def names(self) -> list[str]:
        """Every name by which it is recognised, the best first."""
        return [*in_every_language(self.label), self.key, *self.aliases]

    def is_called(self, header: str) -> bool:
        """Is that its heading in a file of ours, in any language?"""
        words = same_words(header)
        return any(words == same_words(name) for own in self.own_names for name in in_every_language(own))

    def recognises(self, header: str) -> int:
        """How well a header fits: 0 not at all, the higher the better."""
        words = same_words(header)
        names = [same_words(name) for name in self.names()]
        if words in names:
            return 100 - names.index(words)
        return 0


AnyColumn = Column[Any, Any]

# Cells by which other programs say that there is nothing. Case counts: Nan is a name.
NOTHING = frozenset({"", "NA", "N/A", "n/a", "NULL", "null", "None", "NaN", "nan", "-", "--"})


WHAT, WHO, WHERE, WHEN, MORE = (
    gettext_lazy("What"), gettext_lazy("For whom"), gettext_lazy("Where"), gettext_lazy("When"), gettext_lazy("More")
)  # fmt: skip
