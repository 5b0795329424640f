"""Writes anew by which words jobs are found: umlauts, ß and telephone numbers by any way of writing them."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from audit.forms_of_names import write_columns
from jobs.search_text import FACTS, search_text


def write(apps: Any, schema_editor: Any) -> None:
    job = apps.get_model("jobs", "Job")
    phone = FACTS.index("contact_phone")
    rows = job.objects.order_by("pk").values_list("search_text", "pk", "customer__name", *FACTS).iterator()
    texts = ((then, search_text((*facts[:2], name, *facts[2:]), facts[phone]), key) for then, key, name, *facts in rows)
    write_columns(job, ("search_text",), ((text, key) for then, text, key in texts if text != then))


class Migration(migrations.Migration):
    dependencies = [("jobs", "0023_windows_of_time"), ("accounts", "0027_fill_forms_of_names")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop, elidable=True)]
