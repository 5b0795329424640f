"""Tries to sign in were kept with everything that was typed, passwords too. What was typed goes; the counts stay."""

from django.db import migrations
from django.utils.crypto import salted_hmac

from audit.masking import mask_tokens

KEPT = ("AccessAttempt", "AccessFailureLog", "AccessLog")
COUNTED = ("account:", "browser:")
PIECE = 500


def _counted_under(name):
    digest = salted_hmac("accounts.known_browsers", (name or "").strip().lower(), algorithm="sha256").hexdigest()
    return f"account:{digest}"


def forget_what_was_typed(apps, schema_editor):
    for name in KEPT:
        model = apps.get_model("axes", name)
        fields = {field.name for field in model._meta.get_fields()}
        blank = {field: "" for field in ("get_data", "post_data") if field in fields}
        if blank:
            model.objects.update(**blank)
        changed = []
        for row in model.objects.only("username", "path_info").iterator(chunk_size=PIECE):
            row.path_info = mask_tokens(row.path_info)
            # Who signed in is an account; who did not typed anything.
            if name != "AccessLog" and not (row.username or "").startswith(COUNTED):
                row.username = _counted_under(row.username)
            changed.append(row)
            if len(changed) == PIECE:
                model.objects.bulk_update(changed, ["username", "path_info"])
                changed = []
        model.objects.bulk_update(changed, ["username", "path_info"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0018_encrypt_authenticator_secrets"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [migrations.RunPython(forget_what_was_typed, migrations.RunPython.noop)]
