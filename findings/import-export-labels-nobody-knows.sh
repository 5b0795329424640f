#!/usr/bin/env bash
# django-import-export drops labels that do not exist, and with them the labels that a record had
#
# Package:   django-import-export 4.4.3 (Django 5.2.19)
# Expected:  a name that nobody knows is an error of its row, as ForeignKeyWidget makes it ("... matching query does not
#            exist"). The package's page on widgets describes both as lookups by a field.
# Happens:   ManyToManyWidget asks for the records whose name is in the list, and takes what comes back. A name that is
#            misspelt, in another case, or parted by a semicolon instead of a comma finds nothing; the record then has
#            fewer labels than the file says, or none, although it had them before. The row counts as updated.
# Means:     one wrong letter in a file takes "Key holder" from a customer, and everything that hangs on it (who may be
#            called, which rule sends a message, which price holds). Compare the number of names with the number of
#            records found, and refuse the row.
# Portico:   does not read files with the package; its importer reads names of labels itself
#            (imports/columns/customers.py).
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

import tablib
from django.db import connection, models
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import ForeignKeyWidget, ManyToManyWidget


class Label(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "contenttypes"


class Customer(models.Model):
    number = models.CharField(max_length=10, unique=True)
    labels = models.ManyToManyField(Label)

    class Meta:
        app_label = "contenttypes"


class CustomerResource(ModelResource):
    labels = Field("labels", "labels", ManyToManyWidget(Label, field="name", separator=","))

    class Meta:
        model = Customer
        import_id_fields = ["number"]
        fields = ("number", "labels")


with connection.schema_editor() as editor:
    editor.create_model(Label)
    editor.create_model(Customer)

both = [Label.objects.create(name=name) for name in ("Key holder", "Night")]
print(f"django-import-export {version('django-import-export')}; the customer has: Key holder, Night")
seen = {}
for cell in ("Key holder,Night", "Key holder,Nihgt", "Key holder;Night", "key holder,night"):
    customer, _ = Customer.objects.get_or_create(number="C1")
    customer.labels.set(both)
    result = CustomerResource().import_data(tablib.Dataset(("C1", cell), headers=["number", "labels"]), raise_errors=True)
    seen[cell] = sorted(label.name for label in customer.labels.all())
    print(f"  cell {cell!r}: errors {result.has_errors()}, updated {result.totals['update']}, labels now {seen[cell]}")

try:
    ForeignKeyWidget(Label, field="name").clean("Nihgt")
except Label.DoesNotExist as error:
    print(f"expected, as ForeignKeyWidget answers: {error}")

known = {
    "Key holder,Night": ["Key holder", "Night"],
    "Key holder,Nihgt": ["Key holder"],
    "Key holder;Night": [],
    "key holder,night": [],
}
if seen != known:
    sys.exit("This has changed: read the finding again.")
PY
