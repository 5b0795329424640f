from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A message is claimed as everything else is; when it was taken, and how often, stays on record."""

    dependencies = [("alerts", "0013_no_links_in_other_texts")]
    operations = [
        migrations.RemoveIndex("delivery", "alerts_delivery_sending"),
        migrations.RenameField("delivery", "claimed_at", "heartbeat_at"),
        migrations.RenameField("delivery", "attempts", "tries"),
        migrations.AlterField("delivery", "heartbeat_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("delivery", "claim", models.UUIDField(editable=False, null=True)),
        migrations.AddIndex(
            "delivery",
            models.Index(condition=Q(("state", "sending")), fields=["heartbeat_at"], name="alerts_delivery_sending"),
        ),
    ]
