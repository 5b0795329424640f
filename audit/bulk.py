"""Many new records at once, with a history row of each: the fast road beneath services that make things in sets.

``insert`` writes what ``bulk_create_with_history`` would, through ``COPY`` on PostgreSQL and one prepared statement on
SQLite. No signals, no model checks: who calls it has checked. Why: docs/decisions/0022-writing-in-sets.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from audit.act import current_act

# Lines of COPY sent at once: the database works on them while we make the next ones.
BATCH = 250


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """Primary keys for ``count`` records to be inserted in this transaction: nobody else gets them."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), model._meta.pk.column, count],
            )
            return [row[0] for row in cursor.fetchall()]
        if connection.vendor == "sqlite":
            # The transaction holds the one write lock there is.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            first = (row[0] if row else 0) + 1
            return list(range(first, first + count))
    raise NotImplementedError(f"no keys to reserve on {connection.vendor}")


class Row:
    """A record of a model without history that nobody needs as an object: its values by column name, nothing more."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def insert(model: type[models.Model], records: Sequence[Any], *, history: bool = True) -> None:
    """Inserts new records and, unless the model keeps none, their history; gives each its primary key if it has none.

    ``records``: instances of the model, or Rows that hold every one of its columns.

    What the database refuses is raised as Django's own errors. Raises NotImplementedError on any other database.
    """
    if not records:
        return
    keeps = history and hasattr(model._meta, "simple_history_manager_attribute")
    with transaction.atomic(savepoint=False):
        shape = _shape(model, keeps)
        without = [record for record in records if record.__dict__.get(shape.key) is None]
        for record, key in zip(without, reserve_keys(model, len(without)), strict=True):
            record.__dict__[shape.key] = key
        write = _copy if connection.vendor == "postgresql" else _execute_many
        write(shape, records)
    if isinstance(records[0], models.Model):
        alias = connection.alias
        for record in records:
            record._state.adding, record._state.db = False, alias


class _Shape:
    """The columns of a model and of its history, those both have first, and how each value is written."""

    def __init__(self, model: type[models.Model], keeps_history: bool) -> None:
        fields: list[Any] = list(model._meta.concrete_fields)
        tracked: list[Any] = []
        self.history: Any = None
        if keeps_history:
            self.history = getattr(model, model._meta.simple_history_manager_attribute).model  # type: ignore[attr-defined]
            names = {field.attname for field in self.history.tracked_fields}
            tracked = [field for field in fields if field.attname in names]
            fields = tracked + [field for field in fields if field.attname not in names]
        self.table, self.fields, self.shared = model._meta.db_table, fields, len(tracked)
        self.key = model._meta.pk.attname  # type: ignore[union-attr]
        self.columns = [field.column for field in fields]
        self.history_columns = [field.column for field in tracked] + list(_EXTRA)
        self.readers = [_reader(field) for field in fields]
        self.writers = [_writer(field) for field in fields]

    def sql(self, table: str, columns: Iterable[str]) -> tuple[str, str]:
        """The quoted name of a table, and of its columns in brackets."""
        quote = connection.ops.quote_name
        return quote(table), f"({', '.join(map(quote, columns))})"


_EXTRA = (
    "label", "customer_ref", "history_date", "history_change_reason", "history_type", "history_user_id", "actor",
    "road", "request_id",
)  # fmt: skip


@lru_cache(maxsize=64)
def _shape(model: type[models.Model], keeps_history: bool) -> _Shape:
    return _Shape(model, keeps_history)


def _reader(field: Any) -> Callable[[Any], Any] | None:
    """How a value is taken from a record, where it is not simply there: times of creation and change, files."""
    if (
        getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
        or isinstance(field, models.FileField)
    ):
        return lambda record: field.pre_save(record, True)
    return None


def _act_facts() -> list[Any]:
    """What every history row of this act says, after label and customer."""
    act = current_act()
    return [
        timezone.now(), act.reason or None, "+", act.by.pk if act.by is not None else None, act.actor[:200],
        str(act.road), act.request_id,
    ]  # fmt: skip


def _about(record: Any) -> tuple[str, int | None]:
    ask = getattr(record, "history_customer_id", None)
    return str(record)[:200], ask() if ask else None


# --- PostgreSQL ---------------------------------------------------------------------------------------------


def _text(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value or "\t" in value or "\r" in value:
        value = value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value


def _yes_or_no(value: bool) -> str:
    return "t" if value else "f"


def _moment(value: Any) -> str:
    return value.isoformat()


def _writer(field: Any) -> Callable[[Any], str]:
    """A value of that field as a cell of COPY's text format. Never called with None."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.BooleanField):
        return _yes_or_no
    if isinstance(target, models.IntegerField | models.DecimalField | models.FloatField | models.UUIDField):
        return str
    if isinstance(target, models.DateTimeField | models.DateField | models.TimeField):
        return _moment
    if isinstance(target, models.JSONField):
        encoder = target.encoder
        return lambda value: _text(json.dumps(value, cls=encoder)) if value else _EMPTY_JSON[type(value)]
    if isinstance(target, models.CharField | models.TextField):
        return lambda value: _text(value if type(value) is str else str(value))
    return lambda value: _text(str(target.get_db_prep_save(value, connection)))


_EMPTY_JSON: dict[type, str] = {dict: "{}", list: "[]", str: '""', int: "0", float: "0", bool: "false"}


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.isoformat() if hasattr(value, "isoformat") else _text(str(value))


def _copy(shape: _Shape, records: Sequence[Any]) -> None:
    names = [field.attname for field in shape.fields]
    # With the last value of each column and its text: most columns say the same again and again.
    plan = [[*facts, None, "\\N"] for facts in zip(names, shape.readers, shape.writers, strict=True)]
    shared, later = plan[: shape.shared], plan[shape.shared :]
    kept: list[str] = []

    def lines() -> Iterable[str]:
        for record in records:
            row = record.__dict__
            line = "\t".join(_cells(record, row, shared or later))
            if shape.shared:
                kept.append(line)
                if later:
                    line = f"{line}\t" + "\t".join(_cells(record, row, later))
            yield line

    _send(*shape.sql(shape.table, shape.columns), lines())
    if shape.history is not None:
        facts = "\t".join(map(_cell, _act_facts()))
        table, columns = shape.sql(shape.history._meta.db_table, shape.history_columns)
        _send(
            table,
            columns,
            (
                f"{line}\t{_text(label)}\t{_cell(customer)}\t{facts}"
                for line, (label, customer) in zip(kept, map(_about, records), strict=True)
            ),
        )


def _cells(record: Any, row: dict[str, Any], plan: list[list[Any]]) -> list[str]:
    cells = []
    for column in plan:
        name, read, write, last, text = column
        value = row[name] if read is None else read(record)
        if value is not last:
            text = "\\N" if value is None else write(value)
            column[3], column[4] = value, text
        cells.append(text)
    return cells


def _send(table: str, columns: str, lines: Iterable[str]) -> None:
    command = f"COPY {table} {columns} FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(command) as copy:
        waiting: list[str] = []
        for line in lines:
            waiting.append(line)
            if len(waiting) == BATCH:
                copy.write("\n".join([*waiting, ""]))
                waiting.clear()
        if waiting:
            copy.write("\n".join([*waiting, ""]))


# --- SQLite -------------------------------------------------------------------------------------------------


def _execute_many(shape: _Shape, records: Sequence[Any]) -> None:
    plan = [
        (field.attname, read, field.get_db_prep_save) for field, read in zip(shape.fields, shape.readers, strict=True)
    ]
    rows = [
        [prepare(record.__dict__[name] if read is None else read(record), connection) for name, read, prepare in plan]
        for record in records
    ]
    _insert_rows(*shape.sql(shape.table, shape.columns), rows)
    if shape.history is not None:
        extra = [shape.history._meta.get_field(_field_of(name)) for name in _EXTRA[2:]]
        facts = [f.get_db_prep_save(value, connection) for f, value in zip(extra, _act_facts(), strict=True)]
        table, columns = shape.sql(shape.history._meta.db_table, shape.history_columns)
        _insert_rows(
            table,
            columns,
            [[*row[: shape.shared], *_about(record), *facts] for row, record in zip(rows, records, strict=True)],
        )


def _field_of(column: str) -> str:
    return "history_user" if column == "history_user_id" else column


def _insert_rows(table: str, columns: str, rows: list[list[Any]]) -> None:
    marks = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} {columns} VALUES ({marks})", rows)  # noqa: S608
