"""What every list of the companion site does with its address: words, choices and pages read, its rows as a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.http import HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from audit.conventions import Cell, convention_of
from audit.headers import file_header
from audit.spreadsheet import csv_lines
from console.addresses import shortened

PER_PAGE = 20
# A box takes so many signs.
LONGEST_SEARCH = 100


def read_words(query: QueryDict, left_out: list[str]) -> str:
    """What is searched for; what is too long is left out, and said."""
    words = query.get("q", "").strip()
    if len(words) > LONGEST_SEARCH or "\0" in words:
        left_out.append(_("The search was left out: it can have at most %d characters.") % LONGEST_SEARCH)
        return ""
    return words


def read_choice(query: QueryDict, name: str, label: str | Promise, known: Collection[str], left_out: list[str]) -> str:
    """One of some values, or empty; what is none of them counts as absent, and is said."""
    value = query.get(name, "")
    if not value or value in known:
        return value
    said = {"value": shortened(value), "field": label}
    left_out.append(_("“%(value)s” is nothing to choose for “%(field)s” and was left out.") % said)
    return ""


def left_out_page(requested: str, shown: int) -> list[str]:
    """The sentence about a page that is not there; nothing where the one that was asked for is shown."""
    if not requested or requested == str(shown):
        return []
    words = {"requested": shortened(requested), "shown": shown}
    return [_("There is no page “%(requested)s” of this list. This is page %(shown)d.") % words]


def csv_file(rows: Iterable[list[Cell]], name: str, convention: str | None) -> HttpResponseBase:
    """Rows as a CSV file, written as the reader's language has it, or as asked for. ``name`` has a %s for the day."""
    how = convention_of(convention)
    lines = csv_lines(([how.written(cell) for cell in row] for row in rows), how.delimiter)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = file_header(f"{name % timezone.localdate().isoformat()}.csv", to_keep=True)
    return response
