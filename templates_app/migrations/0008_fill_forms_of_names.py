"""Fills the forms of templates' names in, and takes out of the names what nobody sees.

Of templates whose names are the same now, the oldest is the one; the others stay as they are, and are marked as doubles.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from audit.forms_of_names import fill_forms, mark_doubles


def fill(apps: Any, schema_editor: Any) -> None:
    template = apps.get_model("templates_app", "JobTemplate")
    fill_forms(template, ("name_key", "name_search"))
    mark_doubles(template)


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0007_forms_of_names")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
