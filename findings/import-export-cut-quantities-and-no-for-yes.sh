#!/usr/bin/env bash
# django-import-export stores 2.5 as 2, 1.250 as 1, and the word "yes" as no
#
# Package:   django-import-export 4.4.3 (Django 5.2.19)
# Expected:  a row whose cell the field cannot hold is a row with an error. An integer field given 2.5 is an error in
#            Django's own forms ("Enter a whole number."), and a yes/no field that knows neither word says so (Django's
#            documentation, "Form fields": IntegerField, and NullBooleanField's list of words).
# Happens:   IntegerWidget makes a Decimal of the text and cuts off what stands behind the point: 2.5 becomes 2 (with
#            German active, 2,5 does), and the German 1.250, twelve hundred and fifty, becomes 1. BooleanWidget knows
#            "1", "true", "True" and "TRUE"; every other word that is not empty is False, so yes, Y, on, ja, WAHR and
#            "1.0" switch off what they should switch on. No error, no invalid row: they count as imported.
# Means:     orders of 1.250 litres are delivered as one; customers who said yes are stored as no. Check every number
#            for a remainder and every word against a list of both answers, and make everything else an error.
# Portico:   uses the package to write files, not to read them: numbers are read in imports/columns/numbers.py, where
#            what is unclear is a problem that names row and column.
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
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import translation
from import_export.resources import ModelResource


class Order(models.Model):
    number = models.CharField(max_length=10, unique=True)
    litres = models.IntegerField()
    text_messages = models.BooleanField(default=True)

    class Meta:
        app_label = "contenttypes"


class OrderResource(ModelResource):
    class Meta:
        model = Order
        import_id_fields = ["number"]
        fields = ("number", "litres", "text_messages")


with connection.schema_editor() as editor:
    editor.create_model(Order)

FILES = {
    "en": [("A1", "2.5", "yes"), ("A2", "4.9", "Y"), ("A3", "7", "on"), ("A4", "7", "1.0"), ("A5", "7", "TRUE")],
    "de": [("A1", "2,5", "ja"), ("A2", "1.250", "WAHR"), ("A3", "7", "true")],
}
KNOWN = {
    "en": [(2, False), (4, False), (7, False), (7, False), (7, True)],
    "de": [(2, False), (1, False), (7, True)],
}

print(f"django-import-export {version('django-import-export')}")
changed = False
for language, rows in FILES.items():
    Order.objects.all().delete()
    with translation.override(language):
        sheet = tablib.Dataset(*rows, headers=["number", "litres", "text_messages"])
        result = OrderResource().import_data(sheet, raise_errors=True)
    stored = list(Order.objects.order_by("number").values_list("litres", "text_messages"))
    print(
        f"language {language}: errors {result.has_errors()}, invalid rows {result.has_validation_errors()}, "
        f"made {result.totals['new']} of {len(rows)}"
    )
    for (number, litres, word), got in zip(rows, stored, strict=True):
        print(f"  {number}: the file says {litres!r} and {word!r}; stored are {got[0]} and {got[1]}")
    changed |= stored != KNOWN[language] or result.has_errors() or result.has_validation_errors()

try:
    forms.IntegerField().clean("2.5")
except ValidationError as error:
    print(f"expected, as Django's form field answers to 2.5: {error.messages[0]}")
if changed:
    sys.exit("This has changed: read the finding again.")
PY
