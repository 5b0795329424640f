"""Drops what Django makes beside each unique text on PostgreSQL: an index for LIKE 'begin%'. Nothing here asks so; people
search through the trigrams of 0003."""

from typing import Any

from django.db import migrations

COLUMNS = (("jobs_job", "number"), ("jobs_job", "external_id"), ("jobs_portallink", "token"))


def drop_indexes(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        for table, column in COLUMNS:
            cursor.execute(
                "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema AND tablename = %s"
                " AND indexdef LIKE %s",
                [table, f"%({column} varchar_pattern_ops)"],
            )
            for (name,) in cursor.fetchall():
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def add_indexes(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for table, column in COLUMNS:
            schema_editor.execute(f"CREATE INDEX {table}_{column}_like ON {table} ({column} varchar_pattern_ops)")


class Migration(migrations.Migration):
    dependencies = [("jobs", "0008_fewer_indexes_and_checks")]
    operations = [migrations.RunPython(drop_indexes, add_indexes, elidable=False)]
