"""Forms of names written for rows that are there: by migrations, in sets, without history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from django.db import connections, models

from audit.normal_form import LONGEST, normal_form, searchable, tidy

# Rows read and written at once.
PIECE = 2000
_FORMS: dict[str, Callable[[str], str]] = {
    "name_key": normal_form,
    "name_search": lambda name: searchable(name)[: 2 * LONGEST],
}


def fill_forms(model: type[models.Model], columns: Sequence[str], of: str = "name") -> None:
    """Tidies the names of all rows, kept in the column ``of``, and writes their forms, by the names of the columns."""
    rows = model._base_manager.order_by("pk").values_list("pk", of)
    written = ((tidy(name), *(_FORMS[column](name) for column in columns), key) for key, name in rows.iterator())
    write_columns(model, (of, *columns), written)


def write_columns(model: type[models.Model], columns: Sequence[str], rows: Iterator[tuple[str | int, ...]]) -> None:
    """Writes these columns of rows. ``rows``: a value for each column, and the row's key; read while others are
    written."""
    connection = connections[model._base_manager.db]
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    places = ", ".join(f"{quote(column)} = %s" for column in columns)
    while piece := list(islice(rows, PIECE)):
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {places} WHERE {key} = %s", piece)  # noqa: S608


def mark_doubles(model: type[models.Model]) -> None:
    """Marks all rows but the oldest of those that have one name."""
    rows = model._base_manager.order_by("pk").values_list("pk", "name_key")
    oldest: dict[str, int] = {}
    doubles = [key for key, name in rows if oldest.setdefault(name, key) != key]
    model._base_manager.filter(pk__in=doubles).update(is_double=True)
