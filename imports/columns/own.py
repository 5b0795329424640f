"""The columns by which our own files are recognised: our number, or our ID. None of them says anything of a record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import Customer, PortalUser
from accounts.own_ids import own_id_of
from audit.expressions import Expression
from imports.choices import RecordKind
from imports.columns.base import WHAT, AnyColumn, Column, D, Formats, R, Target
from jobs.models import Job

_NUMBER = Expression(r"J-[0-9]{6,17}", longest=20)
_OWN_ID = Expression(r"(?:customer|user)-[0-9]{1,18}", longest=40)


@dataclass(frozen=True)
class Recognised(Target[Any, Any]):
    """Where nothing is put: the record is found by it."""

    def read(self, record: Job | Customer | PortalUser) -> object:
        return record.number if isinstance(record, Job) else own_id_of(record)

    def assign(self, draft: object, value: object) -> None:
        return None


@dataclass(frozen=True, kw_only=True, eq=False)
class OwnColumn(Column[R, D]):
    """Our number of a record, or our ID. ``shape``: what every one of them looks like."""

    shape: Expression
    changeable: bool = False

    def clean(self, raw: str, formats: Formats) -> str:
        return self._cleaned(raw)

    def _cleaned(self, raw: str) -> str:
        text = self.clean_words(raw)
        return text.upper() if self.shape is _NUMBER else text.lower()

    def are_ours(self, cells: Collection[str]) -> bool:
        """Are these cells, of a column that is called like it, ours? Blank ones may be rows that somebody added."""
        filled = [text for cell in cells if (text := cell.strip()[: self.max_length + 1])]
        return bool(filled) and all(self.shape.fullmatch(self._cleaned(text)) for text in filled)


OWN_COLUMNS: dict[RecordKind, OwnColumn[Any, Any]] = {
    RecordKind.JOBS: OwnColumn(
        key="number",
        label=gettext_lazy("Number"),
        group=WHAT,
        target=Recognised(),
        help=gettext_lazy("Our own number of a job, in a file of the list of jobs. It counts before everything else."),
        aliases=("job number", "job no", "our number", "auftragsnummer"),
        shape=_NUMBER,
        max_length=20,
    )
} | {
    kind: OwnColumn(
        key="portico_id",
        label=gettext_lazy("Portico ID"),
        group=WHAT,
        target=Recognised(),
        help=gettext_lazy("In a file of our own list: a row is recognised by it before everything else."),
        shape=_OWN_ID,
        max_length=40,
    )
    for kind in (RecordKind.CUSTOMERS, RecordKind.PORTAL_USERS)
}


def is_own(column: AnyColumn) -> bool:
    """Are records recognised by it, and nothing else?"""
    return isinstance(column, OwnColumn)
