"""API tokens and kept answers move to ``accounts``, which takes them up in accounts/0020: the tables keep their rows."""

from django.db import migrations

MOVED = ("KeptAnswer", "HistoricalApiToken", "ApiToken")


class Migration(migrations.Migration):
    dependencies = [("jobs", "0020_placeholders_in_notes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name, f"accounts_{name.lower()}") for name in MOVED],
            state_operations=[migrations.DeleteModel(name) for name in MOVED],
        )
    ]
