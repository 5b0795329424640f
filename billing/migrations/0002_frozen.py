"""From here on the database itself keeps posted documents and the ledger as they are (billing/frozen.py).

The triggers are put up after all migrations (``billing.apps``), when every column that they name is there.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from billing.frozen import thaw


def take_down(apps: Any, schema_editor: Any) -> None:
    thaw(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(migrations.RunPython.noop, take_down, elidable=False)]
