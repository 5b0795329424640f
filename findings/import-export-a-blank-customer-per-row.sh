#!/usr/bin/env bash
# django-import-export makes one blank customer for each row of a German Excel file, and reports no error
#
# Package:   django-import-export 4.4.3 (Django 5.2.19, tablib 3.10.0)
# Expected:  a file in which a required column of the model is missing is refused, as Django's form for the same model
#            refuses it ("This field is required."). RFC 4180 names the comma; Excel writes semicolons wherever the
#            comma is the decimal sign, and reads "sep=," in a first line as the name of the separator.
# Happens:   the CSV format splits at commas only. "name;town" is one column that no field is called after; fields
#            without a column are left at their defaults, the primary key is missing, so each row is a new record, with
#            an empty name. The same with a heading in capitals ("Name") and below a "sep=," line, where the headings
#            become a record too. The result has no errors, no invalid rows, and as many new records as the file has
#            rows.
# Means:     500 empty customers, to be found one by one among the real ones, and a person who believes that the file is
#            in. Set clean_model_instances = True on every resource, and compare the headings with the fields before the
#            first row is read.
# Portico:   finds out the separator, asks for each required column, and shows what it took each heading for (imports/).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check django-import-export==4.4.3 Django==5.2.19 tablib==3.10.0

"$work/venv/bin/python" - <<'PY'
import sys
from importlib.metadata import version

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "import_export"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.db import connection, models
from django.forms import modelform_factory
from import_export.formats.base_formats import CSV
from import_export.resources import ModelResource


class Customer(models.Model):
    name = models.CharField(max_length=50)
    town = models.CharField(max_length=50)

    class Meta:
        app_label = "contenttypes"


class CustomerResource(ModelResource):
    class Meta:
        model = Customer


class CheckedResource(ModelResource):
    class Meta:
        model = Customer
        clean_model_instances = True


with connection.schema_editor() as editor:
    editor.create_model(Customer)

FILES = {
    "commas": "name,town\nAcme Builders,Leeds\nElm Garden Centre,York\n",
    "semicolons": "name;town\nAcme Builders;Leeds\nElm Garden Centre;York\n",
    "capitals": "Name,Town\nAcme Builders,Leeds\nElm Garden Centre,York\n",
    "sep=,": "sep=,\nname,town\nAcme Builders,Leeds\nElm Garden Centre,York\n",
}


def read(resource, text):
    Customer.objects.all().delete()
    result = resource().import_data(CSV().create_dataset(text))
    problems = result.has_errors() or result.has_validation_errors()
    return problems, list(Customer.objects.values_list("name", "town"))


print(f"django-import-export {version('django-import-export')}, tablib {version('tablib')}")
seen = {}
for name, text in FILES.items():
    seen[name] = read(CustomerResource, text)
    print(f"  {name:10} problems {seen[name][0]}, made {len(seen[name][1])}: {seen[name][1]}")
checked = read(CheckedResource, FILES["semicolons"])
print(f"  semicolons, with clean_model_instances: problems {checked[0]}, made {len(checked[1])}")
form = modelform_factory(Customer, fields=["name", "town"])({"name;town": "Acme Builders;Leeds"})
print(f"expected, as Django's form answers to a row without these columns: {form.errors.as_json()}")

known = {
    "commas": (False, [("Acme Builders", "Leeds"), ("Elm Garden Centre", "York")]),
    "semicolons": (False, [("", ""), ("", "")]),
    "capitals": (False, [("", ""), ("", "")]),
    "sep=,": (False, [("", ""), ("", ""), ("", "")]),
}
if seen != known or checked != (True, []):
    sys.exit("This has changed: read the finding again.")
PY
