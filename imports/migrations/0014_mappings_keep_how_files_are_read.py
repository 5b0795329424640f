from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0013_open_jobs_follow")]

    operations = [
        migrations.AddField(
            "importmapping",
            "reading",
            models.JSONField(blank=True, default=dict, editable=False, verbose_name="how it is read"),
        ),
        migrations.AddField(
            "historicalimportmapping",
            "reading",
            models.JSONField(blank=True, default=dict, editable=False, verbose_name="how it is read"),
        ),
    ]
