"""From here on the database itself keeps posted documents and the ledger as they are (billing/frozen.py)."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from billing.frozen import freeze, thaw


def put_up(apps: Any, schema_editor: Any) -> None:
    freeze(schema_editor.connection)


def take_down(apps: Any, schema_editor: Any) -> None:
    thaw(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down, elidable=False)]
