"""Says of each saved mapping who saved it last, as its history tells; nobody where the history does not."""

from __future__ import annotations

from django.db import migrations


def fill(apps, schema_editor):
    mappings = apps.get_model("imports", "ImportMapping").objects.using(schema_editor.connection.alias)
    history = apps.get_model("imports", "HistoricalImportMapping").objects.using(schema_editor.connection.alias)
    for mapping in mappings.filter(saved_by=None):
        last = history.filter(id=mapping.pk, history_user__isnull=False).order_by("-history_id").first()
        if last is not None:
            mappings.filter(pk=mapping.pk).update(saved_by=last.history_user_id)


class Migration(migrations.Migration):
    dependencies = [("imports", "0007_mapping_saved_by")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
