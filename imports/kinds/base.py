"""The promise every kind of import keeps."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Generic, NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Customer, User
from console.reach import only_within_reach
from console.reader import reader_for
from imports.choices import Existing, RecordKind
from imports.columns import COLUMNS, OWN_COLUMNS, Column, Formats
from imports.columns.base import D, R
from imports.nearest import NearNames
from imports.new_names import NearName, NewName, NewNames
from imports.plan import Planned


def beyond_reach() -> str:
    """Why an undo leaves a record that whoever undoes may not work with."""
    return _("was not, or is no longer, granted to you")


def only_to_look_at() -> str:
    """What is wrong with the name of a record that this person may see, but not work with."""
    return _("may be looked at by you, but not worked with")


def names_of_customers(by: User, key: str) -> list[tuple[str, str]]:
    """[(name, what a cell of the column of that key says to mean her)] of all customers this person may work with."""
    there = only_within_reach(by, Customer.objects.visible_to(by).current()).order_by("pk")
    said = there.values_list("name", "external_id")
    return [(name, name if key == "customer" else external_id or "") for name, external_id in said]


class WrittenRow(NamedTuple):
    """What an undo needs of a row: its own key, what became of it, and the key of its record."""

    pk: int
    state: str
    object_id: int | None


@dataclass
class Undone:
    """What became of a chunk of rows when it was undone.

    ``done``: keys of the import rows whose record is gone or as it was. ``kept``: (record, why it stays).
    """

    removed: int = 0
    restored: int = 0
    done: list[int] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class UndoneAlong:
    """What became of the records a run made along when all its rows were undone.

    ``gone``: how many, by what they are ("customers", "templates"). ``kept``: (record, why it stays).
    """

    gone: dict[str, int] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)


class Ambiguous:
    """What a name is remembered as that several records have."""


AMBIGUOUS = Ambiguous()


class ImportKind(Generic[R, D]):
    """One kind of rows, for one person: what she may not reach does not exist for her import.

    ``R`` is what a row becomes, ``D`` the draft of one. A kind is made for one pass over a file and remembers what it
    looked up on the way.
    """

    kind: ClassVar[RecordKind]
    model: type[R]
    # The permission somebody needs to run it, and to have it change what is there.
    add_permission: ClassVar[str] = ""
    change_permission: ClassVar[str] = ""
    # May rows with the same external ID be records of their own?
    numbers_repeats: ClassVar[bool] = False

    # The columns the rows to be judged may have; said by the planner.
    mapped: Sequence[Column[R, D]] = ()
    # How each of them is written, by its key; said by the planner.
    formats: Mapping[str, Formats] = MappingProxyType({})
    # Called while the database takes in what ``write`` made, if it can say when that is.
    meanwhile: Callable[[], None] | None = None

    def __init__(
        self, *, by: User, existing: str = Existing.SKIP, announce: bool = True, change_open_jobs: bool = False
    ) -> None:
        self.by, self.existing, self.announce, self.change_open_jobs = by, existing, announce, change_open_jobs
        # Names that nobody has, in the rows judged so far.
        self.fresh = NewNames()
        self._near: dict[str, NearNames[NearName]] = {}

    @property
    def can_prefetch(self) -> bool:
        """May rows be judged while those above them are being written? Not if what these change matters to them."""
        return False

    def columns(self) -> list[Column[R, D]]:
        """Every column a file of this kind may have, in the order of the mapping page."""
        return [OWN_COLUMNS[self.kind], *COLUMNS[self.kind]]

    def missing(self, mapped: Collection[str]) -> list[str]:
        """Sentences that say which columns are still needed; empty when it can work."""
        raise NotImplementedError

    def required(self) -> list[str]:
        """Keys of the columns to be asked for first."""
        raise NotImplementedError

    def choices(self, key: str) -> list[str]:
        """The words a column may say, where there is a list to choose from; empty where there is none."""
        return []

    def remember(self, external_id: str) -> None:
        """Told of a row further up in the file that went well: the pass begins in the middle."""

    def remember_own(self, own: str) -> None:
        """The same of our own number, or our ID."""

    def judge(self, rows: Sequence[Planned[R, D]]) -> None:
        """Says what becomes of each row, by queries over the whole chunk. Writes nothing."""
        raise NotImplementedError

    def prepare(self, rows: Sequence[Planned[R, D]]) -> None:
        """Makes ready what ``write`` needs of judged rows, as far as that needs no lock. Writes nothing."""

    def fill(self, draft: D, row: Planned[R, D], columns: Iterable[Column[R, D]]) -> D:
        """Puts what the row says in these columns where it belongs in a record."""
        said = {**row.values, **row.found}
        for column in columns:
            if column.key in said:
                column.target.assign(draft, said[column.key])
        return draft

    def write(self, rows: Sequence[Planned[R, D]]) -> None:
        """Makes and changes what the prepared rows that did not fail say, and puts key and label on each."""
        raise NotImplementedError

    def sample_of(self, column: Column[R, D]) -> str:
        """What the example file says in that column: something this business has, where it names something."""
        return column.sample

    def known_names(self, key: str) -> list[tuple[str, str]]:
        """[(name, what a cell says to mean it)] of all that the column of that key may name and this person may use."""
        return []

    def nearest(self, key: str, name: str) -> NearName | None:
        """Whom somebody may have meant who wrote that name into that column, and nobody has it."""
        if key not in self._near:
            known = self.known_names(key)
            self._near[key] = NearNames([(one, NearName(name=one, ours=ours)) for one, ours in known])
        return self._near[key].nearest(name)

    def new_names(self) -> list[NewName]:
        """Those whom the rows judged so far would make, by name, each with whom somebody may have meant instead."""
        return self.fresh.listed(self.nearest)

    def new_records(self) -> int:
        """How many records of another kind the rows judged so far would make along (customers of jobs)."""
        return 0

    def open_jobs(self) -> int:
        """How many open jobs name a contact as it was before the rows judged so far (customers)."""
        return 0

    def broken_names(self) -> list[str]:
        """The first names of records that the rows judged so far would make anew and that look as if something went
        wrong with them on the way."""
        return self.fresh.broken

    def names_of_kept(self, keys: Collection[int]) -> dict[int, str]:
        """{key: name} of records that an undo leaves; of those this person can't see, that there is one."""
        records = self.model._base_manager.in_bulk(list(keys))
        visible = reader_for(self.by).visible_keys(self.model, records)
        hidden = _("(a %s you can't see)") % self.model._meta.verbose_name
        return {key: str(record) if key in visible else hidden for key, record in records.items()}

    def undo(self, rows: Sequence[WrittenRow], request_id: uuid.UUID) -> Undone:
        """Takes back what these rows did, unless somebody touched it since. ``request_id``: of the run."""
        raise NotImplementedError

    def kept(self, keys: Sequence[int], request_id: uuid.UUID) -> int:
        """How many of these records an undo would leave, because somebody touched them since. For the question."""
        return 0

    def undo_rest(self, request_id: uuid.UUID) -> UndoneAlong:
        """Removes what the run and its check made along and nobody uses. Called when all rows are undone."""
        return UndoneAlong()


AnyKind = ImportKind[Any, Any]
