"""How a table in a text file is written: what stands between cells and before decimals, and how dates look.

A spreadsheet program reads a text file by the settings of its machine: to Excel in German a comma is no delimiter and
1234.50 is a text. So the person who takes a file along says for which program it is. Why:
docs/decisions/0143-conventions-of-files.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.wall_clock import is_one_of_two, written_exactly

# What may stand in a cell: a text, or what a sheet can count and sort by. None is an empty one.
Cell = str | int | float | Decimal | datetime | date | time | None


def moment_cell(moment: datetime) -> datetime | str:
    """Return a moment (aware) as it stands in a cell: the time by the reader's clock, to the minute.

    A time that comes twice is a text with its offset, so that the same moment comes back.
    """
    local = timezone.localtime(moment).replace(second=0, microsecond=0)
    return written_exactly(local) if is_one_of_two(local) else local.replace(tzinfo=None)


@dataclass(frozen=True)
class Convention:
    """One way to write a table. ``date``: as strftime takes it; ``sheet_date``: the same as a workbook's format."""

    name: str
    label: str | Promise
    delimiter: str
    decimal: str
    date: str
    sheet_date: str

    def written(self, cell: Cell) -> str:
        """Return what a cell says as text: 1234,50, 31.12.2026 08:30."""
        if isinstance(cell, str):
            return cell
        if cell is None:
            return ""
        if isinstance(cell, bool):
            return _("yes") if cell else _("no")
        if isinstance(cell, datetime):
            return cell.strftime(f"{self.date} %H:%M")
        if isinstance(cell, date):
            return cell.strftime(self.date)
        if isinstance(cell, time):
            return cell.strftime("%H:%M")
        return f"{Decimal(str(cell)):f}".replace(".", self.decimal)


# By name; the first is the one for everybody else.
CONVENTIONS = {
    one.name: one
    for one in (
        Convention("plain", gettext_lazy("Commas, 1234.50, 2026-12-31"), ",", ".", "%Y-%m-%d", "yyyy-mm-dd"),
        Convention("german", gettext_lazy("Semicolons, 1234,50, 31.12.2026"), ";", ",", "%d.%m.%Y", "dd.mm.yyyy"),
    )
}


def usual_convention() -> Convention:
    """Return the one that fits the language in which the reader reads."""
    return CONVENTIONS["german" if (get_language() or "").startswith("de") else "plain"]


def convention_of(name: str | None) -> Convention:
    """Return the convention of that name; of none, or of one there is not, the usual one."""
    return CONVENTIONS.get(name or "") or usual_convention()
