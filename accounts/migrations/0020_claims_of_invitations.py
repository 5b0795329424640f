from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_keep_no_forms_of_tries")]
    operations = [
        migrations.AddField("invitation", "claim", models.UUIDField(editable=False, null=True)),
        migrations.AddField("invitation", "heartbeat_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("invitation", "tries", models.PositiveSmallIntegerField(default=0, editable=False)),
    ]
