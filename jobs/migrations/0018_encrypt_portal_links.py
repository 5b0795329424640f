"""The tokens of portal links are kept by digest, and encrypted; tries by digest alone: decision 0076."""

from django.db import migrations

from audit.token_columns import digest_plain_tokens, encrypt_plain_tokens


def encrypt(apps, schema_editor):
    encrypt_plain_tokens(apps.get_model("jobs", "PortalLink"), "token")
    digest_plain_tokens(apps.get_model("jobs", "PortalLinkAttempt"), "token")


class Migration(migrations.Migration):
    # In pieces, each committed by itself.
    atomic = False
    dependencies = [("jobs", "0017_digest_of_a_portal_link")]
    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
