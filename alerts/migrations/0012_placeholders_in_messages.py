"""Messages on the ledger hold no address of a portal link any more; it is put in when one is sent: decision 0077."""

from django.db import migrations

from jobs.cleaning import clean_column
from jobs.link_in_text import PLACEHOLDER, mask_addresses


def instead(row, digest, address, known):
    if digest not in known:
        return address
    return PLACEHOLDER if known[digest] == row["job_id"] else mask_addresses(address)


def clean(apps, schema_editor):
    deliveries = apps.get_model("alerts", "Delivery")
    for column in ("subject", "body"):
        clean_column(apps, deliveries, column, instead, facts=("job_id",))


class Migration(migrations.Migration):
    # In pieces, each committed by itself.
    atomic = False
    dependencies = [("alerts", "0011_no_plain_stops"), ("jobs", "0020_placeholders_in_notes")]
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
