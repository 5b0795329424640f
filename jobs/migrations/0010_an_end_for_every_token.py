"""Tokens made without an end get one: a year from now."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone


def give_them_an_end(apps, schema_editor):
    in_a_year = timezone.now() + timedelta(days=365)
    apps.get_model("jobs", "ApiToken").objects.filter(expires_at=None).update(expires_at=in_a_year)
    apps.get_model("jobs", "HistoricalApiToken").objects.filter(expires_at=None).update(expires_at=in_a_year)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0009_drop_pattern_indexes")]

    operations = [migrations.RunPython(give_them_an_end, migrations.RunPython.noop)]
