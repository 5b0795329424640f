"""Authenticator apps move from django-otp's table, where secrets stand in clear, into ours; they go on working. Both
ways: see decision 0076."""

from django.db import migrations

from audit.encryption import decrypt, encrypt

PURPOSE = "secret of an authenticator app"
SHARED = ("user_id", "name", "confirmed", "drift", "throttling_failure_timestamp", "throttling_failure_count")
TIMES = ("created_at", "last_used_at")


def _move(rows, kept, **further):
    """Writes a row of ``kept`` for each of ``rows`` that goes on working there, and removes the rows."""
    for row in rows.objects.iterator(chunk_size=500):
        if not _goes_on(row):
            print(f"Account {row.user_id}: its authenticator app isn't carried over. A recovery code goes on working.")  # noqa: T201
            continue
        shared = {name: getattr(row, name) for name in SHARED}
        made = kept.objects.create(**shared, **{name: make(row) for name, make in further.items()})
        # Whatever create() says of when it was made.
        kept.objects.filter(pk=made.pk).update(**{name: getattr(row, name) for name in TIMES})
    rows.objects.all().delete()


def _goes_on(row):
    """Ours makes six digits every thirty seconds; a secret that is no hex opened nothing before either."""
    if not hasattr(row, "key"):
        return True
    try:
        secret = bytes.fromhex(row.key)
    except ValueError:
        return False
    return bool(secret) and (row.digits, row.step, row.t0) == (6, 30, 0)


def encrypt_secrets(apps, schema_editor):
    _move(
        apps.get_model("otp_totp", "TOTPDevice"),
        apps.get_model("accounts", "AuthenticatorApp"),
        encrypted_secret=lambda row: encrypt(bytes.fromhex(row.key).hex(), purpose=PURPOSE),
        last_step=lambda row: row.last_t,
    )


def put_secrets_back(apps, schema_editor):
    _move(
        apps.get_model("accounts", "AuthenticatorApp"),
        apps.get_model("otp_totp", "TOTPDevice"),
        key=lambda row: decrypt(row.encrypted_secret, purpose=PURPOSE),
        last_t=lambda row: row.last_step,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_authenticator_apps"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(encrypt_secrets, put_secrets_back)]
