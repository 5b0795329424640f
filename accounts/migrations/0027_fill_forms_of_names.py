"""Fills the forms of all names in, and takes out of the names what nobody sees.

Of labels whose names are the same now, the oldest is the one; the others stay as they are, and are marked as doubles.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from accounts.telephones import searchable_number
from audit.forms_of_names import fill_forms, mark_doubles, write_columns


def fill(apps: Any, schema_editor: Any) -> None:
    for name in ("Customer", "Worker", "Label"):
        fill_forms(apps.get_model("accounts", name), ("name_key", "name_search"))
    fill_forms(apps.get_model("accounts", "Contact"), ("name_search",))
    fill_forms(apps.get_model("accounts", "User"), ("name_search",), of="full_name")
    for name in ("Contact", "User", "Worker"):
        model = apps.get_model("accounts", name)
        rows = model.objects.exclude(phone="").values_list("phone", "pk")
        write_columns(model, ("phone_search",), ((searchable_number(phone), key) for phone, key in rows.iterator()))
    mark_doubles(apps.get_model("accounts", "Label"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0026_forms_of_names")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
