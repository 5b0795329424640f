"""Many new records at once, with a history row of each: the fast path beneath services that make things in sets.

``insert`` writes what ``bulk_create_with_history`` would, through ``COPY`` on PostgreSQL and one prepared statement on
SQLite. No signals, no model checks: who calls it has checked. Values are handled by columns, not by rows: most columns
of a thousand records say the same, and the rest is of one type. Why: docs/decisions/0022-writing-in-sets.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, models, transaction
from django.utils import timezone

from audit.act import current_act
from audit.keyless import KEYLESS, may_hold_keys, without_key_marks
from audit.named import FormOf, Name
from audit.one_line import OneLine, one_line
from audit.private_hooks import loaded_relations, state_with
from audit.referrers import field_of
from audit.watching import look_at_many, watch_of
from audit.wording import office_language

if TYPE_CHECKING:
    from audit.models import HistoryRow
    from audit.private_hooks import Field

M = TypeVar("M", bound=models.Model)
# The values of one column, of whatever type its field holds.
Values = list[Any]
# How they are written: as they are, or as cells of COPY's text format.
Writer = Callable[[Values], Values]

# Records turned into lines at once and sent: the database works on them while we make the next ones.
BATCH = 250


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """Primary keys for ``count`` records to be inserted in this transaction: nobody else gets them."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            params = [connection.ops.quote_name(table), model._meta.pk.column, count]
            # As a rule nobody draws in between, and the keys need not be sent one by one.
            cursor.execute(f"SELECT min(key), max(key) FROM ({_DRAW}) drawn", params)  # noqa: S608
            first, last = cursor.fetchone()
            if last - first + 1 == count:
                return list(range(first, last + 1))
            cursor.execute(_DRAW, params)
            return [row[0] for row in cursor.fetchall()]
        if connection.vendor == "sqlite":
            # The transaction holds the one write lock there is.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            first = (row[0] if row else 0) + 1
            return list(range(first, first + count))
    raise NotImplementedError(f"no keys to reserve on {connection.vendor}")


# The sequence's name is looked up once, not for each key.
_DRAW = "SELECT nextval((SELECT pg_get_serial_sequence(%s, %s)::regclass)) AS key FROM generate_series(1, %s)"


def copy_of(prototype: M, related: Mapping[str, models.Model | None], values: dict[str, object]) -> M:
    """A new record with what an unsaved one says, save ``values`` by column name: at a tenth of the cost of making it.

    ``related``: records it refers to and need not be fetched again, by field name.
    """
    record: M = object.__new__(type(prototype))
    record.__dict__ = prototype.__dict__ | values
    record.__dict__["_state"] = state_with({**loaded_relations(prototype), **related})
    return record


def insert(model: type[models.Model], records: Iterable[models.Model], *, history: bool = True) -> None:
    """Inserts new records and, unless the model keeps none, their history; gives each its primary key if it has none.

    ``records``: may be made while they are asked for, if each has its key then: the database works meanwhile.

    What the database refuses is raised as Django's own errors. Raises NotImplementedError on any other database.
    """
    if history and watch_of(model) is not None:
        records = list(records)
        look_at_many(model, len(records), "+")
    if isinstance(records, Sequence):
        if not records:
            return
        _give_keys(model, records)
    shape = _shape(model, history and hasattr(model._meta, "simple_history_manager_attribute"))
    write = _copy if connection.vendor == "postgresql" else _execute_many
    with transaction.atomic(savepoint=False):
        write(shape, iter(records))


class BulkRows:
    """Rows nobody needs as objects: added a few at a time, written together; each gets its key from the database.

    ``same``: columns by name that say the same in each row. Writes no history: for models that keep none, or whose
    first row of history would say what the row itself says. ``keyless``: takes keys out of what people wrote;
    ``without_keys`` knows which are ours, but asks the database.
    """

    def __init__(
        self, model: type[models.Model], keyless: Callable[[object], object] = without_key_marks, /, **same: Any
    ) -> None:
        self.model, self.keyless, self.same = model, keyless, same
        self.shape = _shape(model, False)
        self.names: list[str] = []
        self.kept: Values = []

    def add(self, **columns: Values) -> None:
        """Takes rows in: a list for each other column but the key, all of one length. Asks the database nothing,
        unless ``keyless`` does: it may be taking in other rows meanwhile."""
        given = self.same | columns
        fields = [field for field in self.shape.fields if field.name in given or field.attname in given]
        if len(fields) != len(given) or len(fields) < len(self.shape.fields) - 1:
            raise ValueError(f"not the columns of {self.model._meta.label}: {', '.join(given)}")
        [count] = {len(column) for column in columns.values()}
        if not count:
            return
        self.names = [str(field.column) for field in fields]
        changing = [field.attname in columns or field.name in columns for field in fields]
        values = [
            _masked(field, given[field.attname if field.attname in given else field.name], one_by_one, self.keyless)
            for field, one_by_one in zip(fields, changing, strict=True)
        ]
        if connection.vendor == "postgresql":
            cells = [
                _cells(value if one_by_one else [value], _writer(field))
                for field, value, one_by_one in zip(fields, values, changing, strict=True)
            ]
            self.kept.append(_lines(cells, count))
        else:
            prepared = [
                [field.get_db_prep_save(one, connection) for one in value]
                if one_by_one
                else [field.get_db_prep_save(value, connection)] * count
                for field, value, one_by_one in zip(fields, values, changing, strict=True)
            ]
            self.kept += zip(*prepared, strict=True)

    def write(self) -> None:
        """Inserts what was added. What the database refuses is raised as Django's own errors."""
        if not self.kept:
            return
        table, names = self.shape.sql(self.shape.table, self.names)
        if connection.vendor == "postgresql":
            _send(table, names, iter(self.kept))
        else:
            _insert_rows(table, names, self.kept)
        self.kept = []


def _give_keys(model: type[models.Model], records: Sequence[models.Model]) -> None:
    key = model._meta.pk.attname
    without = [record for record in records if record.__dict__.get(key) is None]
    for record, value in zip(without, reserve_keys(model, len(without)), strict=True):
        record.__dict__[key] = value


class _Shape:
    """The columns of a model and of its history, those both have first, and how each value is written."""

    def __init__(self, model: type[models.Model], keeps_history: bool) -> None:
        fields: list[Field] = list(model._meta.concrete_fields)
        tracked: list[Field] = []
        self.history: type[HistoryRow] | None = None
        if keeps_history:
            manager = getattr(model._meta, "simple_history_manager_attribute", "")
            history: type[HistoryRow] = getattr(model, manager).model
            self.history = history
            names = {field.attname for field in history.tracked_fields}
            tracked = [field for field in fields if field.attname in names]
            fields = tracked + [field for field in fields if field.attname not in names]
        self.table, self.fields, self.shared = model._meta.db_table, fields, len(tracked)
        self.columns = [str(field.column) for field in fields]
        self.history_columns = [str(field.column) for field in tracked] + list(HISTORY_COLUMNS)
        self.readers = [_reader(field) for field in fields]
        self.writers = [_writer(field) for field in fields]
        self.cleaned = [field.attname for field in fields if isinstance(field, CLEANED)]

    def looks_up(self, records: Sequence[models.Model]) -> bool:
        """Is the database asked for the values of these records?"""
        rows = [record.__dict__ for record in records]
        return any(may_hold_keys(_together([row[name] for row in rows])) for name in self.cleaned)

    def sql(self, table: str, columns: Iterable[str]) -> tuple[str, str]:
        """The quoted name of a table, and of its columns in brackets."""
        quote = connection.ops.quote_name
        return quote(table), f"({', '.join(map(quote, columns))})"

    def values(self, records: Sequence[models.Model]) -> list[Values]:
        """The values of each column."""
        rows = [record.__dict__ for record in records]
        return [
            [row[field.attname] for row in rows] if read is None else read(records)
            for field, read in zip(self.fields, self.readers, strict=True)
        ]


# What a history row says besides the fields it remembers, by column.
HISTORY_COLUMNS = (
    "label", "customer_ref", "history_date", "history_change_reason", "history_type", "history_user_id", "actor",
    "history_source", "request_id",
)  # fmt: skip


@lru_cache(maxsize=64)
def _shape(model: type[models.Model], keeps_history: bool) -> _Shape:
    return _Shape(model, keeps_history)


def _reader(field: Field) -> Callable[[Sequence[models.Model]], Values] | None:
    """How values are taken from records, where they are not simply there: times of creation and change, files,
    names and their forms, what people write freely."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):

        def now(records: Sequence[models.Model]) -> Values:
            moment = field.pre_save(records[0], True)
            for record in records:
                record.__dict__[field.attname] = moment
            return [moment] * len(records)

        return now
    if isinstance(field, models.FileField | Name | FormOf):
        return partial(_saved, field)
    if isinstance(field, CLEANED):
        return partial(_cleaned, field)
    return None


# Fields that change what is saved: nearly all texts are as they should be, and are looked at together.
CLEANED = (*KEYLESS, OneLine)


def _saved(field: Field, records: Sequence[models.Model]) -> Values:
    return [field.pre_save(record, True) for record in records]


def _cleaned(field: Field, records: Sequence[models.Model]) -> Values:
    values = [record.__dict__[field.attname] for record in records]
    return values if _is_clean(field, _together(values)) else _saved(field, records)


def _masked(field: Field, given: Any, one_by_one: bool, keyless: Callable[[object], object]) -> Any:
    """A column of a sheet, or what all its rows share, without keys."""
    values = given if one_by_one else [given]
    if not isinstance(field, CLEANED) or _is_clean(field, _together(values)):
        return given
    cleaned = [keyless(one_line(v) if isinstance(v, str) and isinstance(field, OneLine) else v) for v in values]
    return cleaned if one_by_one else cleaned[0]


def _is_clean(field: Field, together: str) -> bool:
    return not may_hold_keys(together) and (not isinstance(field, OneLine) or one_line(together) == together)


def _together(values: Values) -> str:
    """All that these values say, in one text. Values that are no texts are dictionaries and lists of them."""
    try:
        return "".join(values)
    except TypeError:
        return "".join(value if isinstance(value, str) else repr(value) for value in values)


def act_facts(kind: str) -> Values:
    """What every history row of this act says behind label and customer. ``kind``: + for new records, - for deleted."""
    act = current_act()
    return [
        timezone.now(), act.reason or None, kind, act.by.pk if act.by is not None else None, act.actor[:200],
        str(act.source), act.request_id,
    ]  # fmt: skip


def _labels_and_customers(records: Sequence[models.Model]) -> tuple[list[str], list[int | None]]:
    ask = getattr(type(records[0]), "history_customer_id", None)
    with office_language():
        labels = [str(record)[:200] for record in records]
    return labels, [ask(record) if ask else None for record in records]


def _batches(records: Iterator[models.Model]) -> Iterator[list[models.Model]]:
    alias = connection.alias
    while batch := list(islice(records, BATCH)):
        yield batch
        for record in batch:
            record._state.adding, record._state.db = False, alias


# --- PostgreSQL ---------------------------------------------------------------------------------------------

# A cell of COPY's text format, or one that all rows share.
Cells = str | Values


def _text(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _texts(values: Values) -> Values:
    """Texts as cells. Nearly all columns of text hold nothing that COPY would take for a sign."""
    try:
        together = "".join(values)
    except TypeError:
        return [_text(str(value)) for value in values]
    if "\\" in together or "\n" in together or "\t" in together or "\r" in together:
        return [_text(str(value)) for value in values]
    return values


def _as_they_are(values: Values) -> Values:
    # What str() makes of numbers, times and keys is what COPY reads.
    return values


def _yes_or_no(values: Values) -> Values:
    return ["t" if value else "f" for value in values]


def _json(encode: Callable[[object], str]) -> Writer:
    def write(values: Values) -> Values:
        known: dict[str, str] = {}
        cells: list[str] = []
        for value in values:
            said = repr(value)
            cell = known.get(said)
            if cell is None:
                cell = known[said] = _text(encode(value))
            cells.append(cell)
        return cells

    return write


def _writer(field: Field) -> Writer:
    """Turns values of that field into cells of COPY's text format. Never called with None."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.BooleanField):
        return _yes_or_no
    if isinstance(target, models.IntegerField | models.DecimalField | models.FloatField | models.UUIDField):
        return _as_they_are
    if isinstance(target, models.DateTimeField | models.DateField | models.TimeField):
        return _as_they_are
    if isinstance(target, models.JSONField):
        return _json((target.encoder or json.JSONEncoder)().encode)
    if isinstance(target, models.CharField | models.TextField):
        return _texts
    return lambda values: [_text(str(target.get_db_prep_save(value, connection))) for value in values]


def _cells(values: Values, write: Writer) -> Cells:
    """The cells of one column; one for all if every value is the same object, as constants are."""
    first = values[0]
    if first is None or type(first) is str:
        alike = values.count(first) == len(values)
    else:  # equal is not enough: 1 == True
        alike = all(value is first for value in values)
    if alike:
        return "\\N" if first is None else str(write([first])[0])
    nothing = values.count(None)
    if not nothing:
        return write(values)
    written = iter(write([value for value in values if value is not None]))
    return ["\\N" if value is None else next(written) for value in values]


def _lines(columns: Sequence[Cells], count: int) -> list[str]:
    """Rows of COPY's text format, without their line ends."""
    pattern = "\t".join(cells.replace("%", "%%") if isinstance(cells, str) else "%s" for cells in columns)
    changing = [cells for cells in columns if not isinstance(cells, str)]
    return [pattern % row for row in zip(*changing, strict=True)] if changing else [pattern % ()] * count


def _copy(shape: _Shape, records: Iterator[models.Model]) -> None:
    kept: list[list[str]] = []
    facts = [cells if isinstance(cells, str) else cells[0] for cells in map(_fact, act_facts("+"))]

    def lines(batches: Iterator[list[models.Model]]) -> Iterator[list[str]]:
        for batch in batches:
            cells = [_cells(v, w) for v, w in zip(shape.values(batch), shape.writers, strict=True)]
            if shape.history is None:
                yield _lines(cells, len(batch))
                continue
            shared = _lines(cells[: shape.shared], len(batch))
            later = cells[shape.shared :]
            yield _lines([shared, *later], len(batch)) if later else shared
            labels, customers = _labels_and_customers(batch)
            about: list[Cells] = [_cells(labels, _texts), _cells(customers, _as_they_are)]
            kept.append(_lines([shared, *about, *facts], len(batch)))

    for looks_up, batches in groupby(_batches(records), key=shape.looks_up):
        made = lines(batches)
        # A lookup would wait for the open COPY, which waits for the line.
        table, names = shape.sql(shape.table, shape.columns)
        _send(table, names, iter(list(made)) if looks_up else made)
    if shape.history is not None:
        table, names = shape.sql(shape.history._meta.db_table, shape.history_columns)
        _send(table, names, iter(kept))


def _fact(value: object) -> Cells:
    return _cells([value], _texts if isinstance(value, str) else _as_they_are)


def _send(table: str, columns: str, batches: Iterator[list[str]]) -> None:
    command = f"COPY {table} {columns} FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        connection.execute_wrapper(_refuse),
        cursor.copy(command) as copy,
    ):
        for lines in batches:
            copy.write("\n".join([*lines, ""]))


def _refuse(_execute: object, sql: str, *_rest: object) -> None:
    """Better a fault than a process that waits for itself."""
    raise RuntimeError(f"The database takes rows in and cannot answer: {sql[:200]}")


# --- SQLite -------------------------------------------------------------------------------------------------


def _execute_many(shape: _Shape, records: Iterator[models.Model]) -> None:
    for batch in _batches(records):
        columns = [
            [field.get_db_prep_save(value, connection) for value in values]
            for field, values in zip(shape.fields, shape.values(batch), strict=True)
        ]
        _insert_rows(*shape.sql(shape.table, shape.columns), list(zip(*columns, strict=True)))
        if shape.history is None:
            continue
        facts = prepared_facts(shape.history, "+")
        columns = [*columns[: shape.shared], *_labels_and_customers(batch), *([fact] * len(batch) for fact in facts)]
        table, names = shape.sql(shape.history._meta.db_table, shape.history_columns)
        _insert_rows(table, names, list(zip(*columns, strict=True)))


def prepared_facts(history: type[HistoryRow], kind: str) -> Values:
    """What ``act_facts`` says, as parameters of a statement."""
    names = ["history_user" if column == "history_user_id" else column for column in HISTORY_COLUMNS[2:]]
    fields = [field_of(history, name) for name in names]
    return [f.get_db_prep_save(value, connection) for f, value in zip(fields, act_facts(kind), strict=True)]


def _insert_rows(table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    marks = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} {columns} VALUES ({marks})", rows)  # noqa: S608
