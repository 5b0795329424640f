"""The tokens of invitations are kept by digest, and encrypted: decision 0076."""

from django.db import migrations

from audit.token_columns import encrypt_plain_tokens


def encrypt(apps, schema_editor):
    encrypt_plain_tokens(apps.get_model("accounts", "Invitation"), "token")


class Migration(migrations.Migration):
    # In pieces, each committed by itself.
    atomic = False
    dependencies = [("accounts", "0013_digest_of_an_invitation")]
    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
