"""No text holds the address of a portal link: one-line texts, reasons, events and requests, and their histories."""

from django.db import migrations

from jobs.cleaning import clean_column, free_texts, masked

APPS = ("accounts", "permissions", "templates_app", "jobs", "alerts")
# Cleaned before, by a rule of their own.
DONE = {"Job.notes", "HistoricalJob.notes", "Delivery.subject", "Delivery.body"}


def clean(apps, schema_editor):
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            for column in free_texts(model):
                if f"{model._meta.object_name}.{column}" not in DONE:
                    clean_column(apps, model, column, masked)


class Migration(migrations.Migration):
    # In pieces, each committed by itself.
    atomic = False
    dependencies = [
        ("jobs", "0020_placeholders_in_notes"),
        ("accounts", "0018_encrypt_authenticator_secrets"),
        ("permissions", "0007_link_age_default"),
        ("templates_app", "0005_words_of_constraints"),
        ("alerts", "0012_placeholders_in_messages"),
    ]
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
