"""A trigram index over what people type to find an invoice. PostgreSQL only: elsewhere the table is read through."""

from typing import Any

from django.db import migrations

INDEX = "billing_invoice_search_trigrams"


def add_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {INDEX} ON billing_invoice USING gin (search_text gin_trgm_ops)")


def remove_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_frozen")]
    operations = [migrations.RunPython(add_index, remove_index, elidable=False)]
