from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def not_needed_are_uncertain_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The version before knows no message that was uncertain and that nobody needs."""
    apps.get_model("alerts", "Delivery").objects.filter(state="not_needed").update(
        state="uncertain", settled_by="", settled_at=None
    )


class Migration(migrations.Migration):
    """Uncertain messages that nobody needs any more, and why."""

    dependencies = [
        ("alerts", "0019_uncertain_and_held"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, not_needed_are_uncertain_again),
        migrations.AddField(
            model_name='delivery',
            name='settled_reason',
            field=models.CharField(blank=True, editable=False, max_length=200, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('not_carried', 'Not sent by a carrier'), ('failed', 'Failed'), ('bounced', 'Bounced'), ('skipped', 'Skipped'), ('uncertain', 'Uncertain'), ('sent_again', 'Sent again'), ('not_needed', 'Not needed')], default='queued', max_length=12, verbose_name='state'),
        ),
    ]
