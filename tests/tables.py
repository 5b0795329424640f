"""What stands in the database, as its tables have it."""

from __future__ import annotations

from django.apps import apps
from django.db import connection


def everything(but: str = "") -> dict[str, list[str]]:
    """Every row of every table but that of one model ("sessions.Session"), in words that can be compared.

    Read without Django's models, which took half of the time of those who look again and again.
    """
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and m._meta.label != but]
    quote, found = connection.ops.quote_name, {}
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in models}):
            cursor.execute(f"SELECT * FROM {quote(table)}")
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def columns() -> dict[str, list[str]]:
    """{"jobs.Job.notes": what stands there, as text}, for every column of every model; one question a table."""
    quote, found = connection.ops.quote_name, {}
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in apps.get_models():
            meta = model._meta
            if meta.db_table not in tables:
                continue
            fields = meta.concrete_fields
            named = ", ".join(quote(field.column) for field in fields)
            cursor.execute(f"SELECT {named} FROM {quote(meta.db_table)}")
            rows = cursor.fetchall()
            for number, field in enumerate(fields):
                found[f"{meta.label}.{field.name}"] = [_as_text(row[number]) for row in rows]
    return found


def _as_text(value: object) -> str:
    # Ciphers are bytes: each counts as the letter of its number.
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
