"""Notes, their histories and kept answers hold no address of a portal link any more: decision 0077."""

from django.db import migrations

from jobs.cleaning import clean_column, clean_kept_answers, in_notes, masked

# What people write freely besides: from there, no address leads back to its job.
OTHERS = (
    ("jobs", "Job", "values"),
    ("jobs", "HistoricalJob", "values"),
    ("jobs", "Series", "notes"),
    ("jobs", "HistoricalSeries", "notes"),
    ("templates_app", "JobTemplate", "notes"),
    ("templates_app", "HistoricalJobTemplate", "notes"),
    ("accounts", "Customer", "notes"),
    ("accounts", "HistoricalCustomer", "notes"),
    ("accounts", "Location", "notes"),
    ("accounts", "HistoricalLocation", "notes"),
)


def clean(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job")
    instead = in_notes("id", lambda key: jobs.objects.filter(pk=key).exists())
    clean_column(apps, jobs, "notes", instead, facts=("id",))
    clean_column(apps, apps.get_model("jobs", "HistoricalJob"), "notes", instead, facts=("id",))
    for app, model, column in OTHERS:
        clean_column(apps, apps.get_model(app, model), column, masked)
    clean_kept_answers(apps.get_model("jobs", "KeptAnswer").objects.filter(body__isnull=False).iterator())


class Migration(migrations.Migration):
    # In pieces, each committed by itself.
    atomic = False
    dependencies = [
        ("jobs", "0019_no_plain_portal_links"),
        ("accounts", "0015_no_plain_invitations"),
        ("templates_app", "0005_words_of_constraints"),
    ]
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
