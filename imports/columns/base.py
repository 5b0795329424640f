"""What a column of a file is, and the kinds of values its cells can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.expressions import Expression
from audit.one_line import one_line
from audit.spreadsheet import undefused
from imports.choices import Dates, Decimal, Repeats

Words = str | Promise

# No cell that goes into a record holds more characters.
LONGEST_CELL = 10_000
# Characters that no text of ours holds: control characters, and marks that turn the direction of the text around.
_UNWANTED = dict.fromkeys(
    [*(n for n in range(32) if chr(n) not in "\n\t"), 0x7F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


@dataclass(frozen=True)
class Formats:
    """How the file writes dates and numbers, where it is not clear; and what its repeated external IDs mean."""

    dates: str = Dates.AUTO
    decimal: str = Decimal.AUTO
    repeats: str = Repeats.LEAVE
    # A time without a zone is the business's own; looked up once, not for each cell.
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)


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
    """Two cells that differ only in case and in how their blanks and line ends are written say the same."""
    return " ".join(clean_text(raw).split()).casefold()


def same_words(text: str) -> str:
    """Two headers or names that differ only in case, blanks and punctuation are the same."""
    return _BETWEEN_WORDS.sub(" ", text.casefold()).strip()


class Column:
    """One column. Subclasses say what; ``clean`` turns text into a value or raises ValidationError with a sentence."""

    key: ClassVar[str] = ""
    label: Words = ""
    help: Words = ""
    # Headers by which it is recognised, besides its label and key.
    aliases: Sequence[str] = ()
    # May its text have several lines? Otherwise line breaks become spaces before a record is looked for by it.
    has_lines: ClassVar[bool] = False
    # Several columns of the file may be joined into it.
    joins: ClassVar[str] = ""
    # One column of the file may be taken apart into it and these (see ``take_apart``).
    splits: Sequence[str] = ()
    sample: str = ""
    group: Words = ""
    max_length = 0
    # Its values name records of ours, or are words of a list: equal wrong values are one problem of many rows.
    names_something = False

    def clean(self, raw: str, formats: Formats) -> Any:
        """The value of a cell. ``raw`` is not blank. Raises ValidationError."""
        text = clean_text(raw if self.has_lines else one_line(raw))
        if self.max_length and len(text) > self.max_length:
            raise ValidationError(_("is longer than %(most)d characters") % {"most": self.max_length}, code="too_long")
        return text

    def take_apart(self, value: Any) -> dict[str, Any]:
        """The values of this column and of those named in ``splits``, from one."""
        return {self.key: value}

    def recognises(self, header: str) -> int:
        """How well a header fits: 0 not at all, the higher the better."""
        words = same_words(header)
        names = [same_words(str(self.label)), same_words(self.key), *map(same_words, self.aliases)]
        if words in names:
            return 100 - names.index(words)
        return 0


# Cells by which other programs say that there is nothing. Case counts: Nan is a name.
NOTHING = frozenset({"", "NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "NaN", "nan", "-", "--"})


WHAT, WHO, WHERE, WHEN, MORE = (
    gettext_lazy("What"), gettext_lazy("For whom"), gettext_lazy("Where"), gettext_lazy("When"), gettext_lazy("More")
)  # fmt: skip
