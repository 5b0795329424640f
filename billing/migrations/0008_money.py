"""Numbers for payments, refunds and write-offs where billing was set up before there were any; the places of credit
notes that settled something; a trigram index over what people type to find a payment (PostgreSQL only)."""

from typing import Any

from django.db import migrations
from django.db.models import F

INDEX = "billing_payment_search_trigrams"
SERIES = (("payment", "Payments", "P"), ("refund", "Refunds", "RF"), ("write_off", "Write-offs", "W"))


def add_series(apps: Any, schema_editor: Any) -> None:
    NumberSeries = apps.get_model("billing", "NumberSeries")
    if not NumberSeries.objects.exists():
        return
    for kind, name, letter in SERIES:
        pattern = f"{letter}-{{year}}-{{number}}"
        taken = NumberSeries.objects.filter(name=name) | NumberSeries.objects.filter(pattern=pattern)
        if not taken.exists():
            NumberSeries.objects.create(kind=kind, name=name, pattern=pattern, is_default=True)


def say_places(apps: Any, schema_editor: Any) -> None:
    apps.get_model("billing", "Allocation").objects.update(credit_location=F("location"))


def add_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {INDEX} ON billing_payment USING gin (search_text gin_trgm_ops)")


def remove_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_payments")]
    operations = [
        migrations.RunPython(add_series, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(say_places, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(add_index, remove_index, elidable=False),
    ]
