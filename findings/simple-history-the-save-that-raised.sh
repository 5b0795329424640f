#!/usr/bin/env bash
# simple-history: a save that raises has changed the record, and trying again changes it twice
#
# Package:   django-simple-history 3.13.0 (Django 5.2.19)
# Expected:  save() either happens, with its row of history, or raises and leaves the record as it was. The package's
#            page on common issues says that F() expressions do not work on models with history; that they half work it
#            does not say.
# Happens:   Django writes the record in a transaction of its own, ends it, and sends post_save, in which the package
#            writes the row of history from the same expression: "Failed to insert expression ... F() expressions can
#            only be used to update, not to insert". The caller sees the ValueError, and the stock has been reduced all
#            the same, without a row of history. A task that is tried again, and a person who presses the button again,
#            reduce it a second time.
# Means:     stock, balances and counters on models with history run away from the truth, and the history shows nothing.
#            Put transaction.atomic() around every save of such a model (then nothing remains of it), or write
#            QuerySet.update() and the row of history yourself.
# Portico:   uses F() in QuerySet.update() only, never in save().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check django-simple-history==3.13.0 Django==5.2.19

"$work/venv/bin/python" - <<'PY'
import sys
from importlib.metadata import version

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "simple_history"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.models import F
from simple_history.models import HistoricalRecords


class Part(models.Model):
    name = models.CharField(max_length=20)
    stock = models.IntegerField()
    history = HistoricalRecords()

    class Meta:
        app_label = "contenttypes"


call_command("migrate", verbosity=0)
with connection.schema_editor() as editor:
    editor.create_model(Part)
    editor.create_model(Part.history.model)


def take_one():
    part = Part.objects.get()
    part.stock = F("stock") - 1
    try:
        part.save()
    except ValueError as error:
        return "ValueError: ..." + str(error)[-66:]
    return "no error"


def state():
    return Part.objects.get().stock, list(Part.history.order_by("history_id").values_list("stock", flat=True))


print(f"django-simple-history {version('django-simple-history')}")
Part.objects.create(name="Lid", stock=10)
print(f"  made: stock and history {state()}")
seen = []
for attempt in ("first", "second"):
    answer = take_one()
    seen.append((answer != "no error", *state()))
    print(f"  {attempt} attempt to take one: {answer}")
    print(f"    expected after an error: stock 10; stock and history {state()}")
try:
    with transaction.atomic():
        part = Part.objects.get()
        part.stock = F("stock") - 1
        part.save()
except ValueError:
    pass
seen.append((True, *state()))
print(f"  third attempt, inside transaction.atomic(): stock and history {state()}")
if seen != [(True, 9, [10]), (True, 8, [10]), (True, 8, [10])]:
    sys.exit("This has changed: read the finding again.")
PY
