"""What was seen in a file when it came in, in words, each with what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.excerpts import in_a_row
from imports.reading import Reading
from imports.reading.header import LINE_BREAK


@dataclass(frozen=True)
class FileFinding:
    """A sentence, and the correction that one click makes: the ``value`` of a field of the reading's form."""

    words: str
    button: str = ""
    name: str = ""
    value: str | int = ""


def findings(how: Reading, known: int) -> list[FileFinding]:
    """What a person should know of how her file is read. ``known``: how many names of its columns are known to us."""
    found = [*_of_sheets(how), *_of_names(how, known), *_of_the_end(how)]
    if how.unreadable:
        words = ngettext(
            "%(count)d character is not written in %(encoding)s, as the rest of the file is. Its cell is a problem,"
            " with what was probably meant.",
            "%(count)d characters are not written in %(encoding)s, as the rest of the file is. Their cells are"
            " problems, with what was probably meant.",
            how.unreadable,
        )
        found.append(FileFinding(words % {"count": how.unreadable, "encoding": how.encoding.upper()}))
    return found


def not_read(how: Reading) -> list[str]:
    """What of the file is not read, for who looks at its rows."""
    return [finding.words for finding in (*_of_hidden_rows(how), *_of_the_end(how))]


def _of_sheets(how: Reading) -> list[FileFinding]:
    found = []
    if how.sheet in how.hidden_sheets:
        found.append(FileFinding(_("The sheet “%s” is hidden in the workbook.") % how.sheet))
    if others := [name for name in how.sheets if name != how.sheet]:
        seen = [name for name in others if name not in how.hidden_sheets]
        hidden = [name for name in others if name in how.hidden_sheets]
        words = _("The sheet “%s” is read.") % how.sheet
        if seen:
            words += " " + _("The others: %s.") % in_a_row(seen)
        if hidden:
            words += " " + _("Hidden ones: %s.") % in_a_row(hidden)
        one = seen[0] if len(seen) == 1 else ""
        found.append(FileFinding(words, _("Read “%s”") % one if one else "", "sheet", one))
    found += _of_hidden_rows(how)
    if how.hidden_columns:
        found.append(FileFinding(_("Columns that are hidden in the workbook: %s.") % in_a_row(how.hidden_columns)))
    return found


def _of_hidden_rows(how: Reading) -> list[FileFinding]:
    count = how.hidden_rows
    if not count:
        return []
    if how.read_hidden:
        words = ngettext(
            "%d row that is hidden in the workbook is read as well.",
            "%d rows that are hidden in the workbook are read as well.",
            count,
        )
        return [FileFinding(words % count, _("Leave them out"), "read_hidden", 0)]
    words = ngettext(
        "%d row is hidden in the workbook, by a filter or by hand, and left out.",
        "%d rows are hidden in the workbook, by a filter or by hand, and left out.",
        count,
    )
    return [FileFinding(words % count, _("Read them as well"), "read_hidden", 1)]


def _of_names(how: Reading, known: int) -> list[FileFinding]:
    if not how.header_row:
        words = _(
            "No column names were found: the first row looks like those below it. Columns are called by their letters."
        )
        return [FileFinding(words, _("The names stand in row 1"), "header_row", 1)]
    if how.header_lines > 1:
        words = _("The column names stand in rows %(first)d to %(last)d: “%(example)s”.") % {
            "first": how.header_row - how.header_lines + 1,
            "last": how.header_row,
            "example": next((name for name in how.header if LINE_BREAK in name), how.header[0]),
        }
        return [FileFinding(words, _("Only row %d") % how.header_row, "header_lines", 1)]
    if not known and "header_row" not in how.given:
        words = _("None of the column names in row %d is known. Does the file have any?") % how.header_row
        return [FileFinding(words, _("It has none"), "header_row", 0)]
    return []


def _of_the_end(how: Reading) -> list[FileFinding]:
    if not how.last_row:
        if how.below:
            return [FileFinding(_("Everything to the end of the file is read, notes and sums as well."))]
        return []
    if how.below == "table":
        words = _("Below row %d another table seems to begin. It is not read.") % how.last_row
    elif how.below:
        words = _("Below row %d stand notes or sums. They are not read.") % how.last_row
    else:
        words = _("What stands below row %d is not read.") % how.last_row
    return [FileFinding(words, _("Read it as well"), "last_row", 0)]
