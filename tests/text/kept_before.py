"""Rows as they were written before a rule: past our fields, which would fold or refuse."""

from __future__ import annotations

from typing import Any

from django.db import connection, models


def keep(row: models.Model, **texts: Any) -> Any:
    """The same row with those texts in its columns, as the database may hold them; read anew."""
    quote = connection.ops.quote_name
    columns = ", ".join(f"{quote(type(row)._meta.get_field(name).column)} = %s" for name in texts)
    table = quote(type(row)._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns} WHERE {quote('id')} = %s", [*texts.values(), row.pk])
        assert cursor.rowcount == 1
    fresh = type(row)._base_manager.get(pk=row.pk)
    for name, text in texts.items():
        assert getattr(fresh, name) == text
    return fresh
