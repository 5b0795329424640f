"""The tokens by which recipients stop messages are kept by digest, and encrypted: decision 0076."""

from django.db import migrations

from audit.token_columns import encrypt_plain_tokens


def encrypt(apps, schema_editor):
    encrypt_plain_tokens(apps.get_model("alerts", "Delivery"), "stop_token")


class Migration(migrations.Migration):
    # In pieces, each committed by itself.
    atomic = False
    dependencies = [("alerts", "0009_digest_of_a_stop")]
    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
