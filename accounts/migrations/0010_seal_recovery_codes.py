"""Recovery codes that stood as they are typed become seals (accounts.services.two_factor.sealed); they go on working."""

import base64

from django.db import migrations
from django.utils.crypto import salted_hmac

SEALED = 16  # letters; a code has eight


def seal(apps, schema_editor):
    StaticToken = apps.get_model("otp_static", "StaticToken")
    for token in StaticToken.objects.select_related("device").iterator(chunk_size=500):
        if len(token.token) < SEALED:
            words = f"{token.device.user_id} {token.token}"
            digest = salted_hmac("accounts.two_factor.recovery", words, algorithm="sha256").digest()
            token.token = base64.b32encode(digest[:10]).decode().lower()
            token.save(update_fields=["token"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_switch_off_two_factor"),
        ("otp_static", "0003_add_timestamps"),
    ]

    # What was sealed cannot be read any more: backwards, the codes die, and new ones are made on the person's page.
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
