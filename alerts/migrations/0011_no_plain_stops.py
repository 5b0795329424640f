from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0010_encrypt_stops")]

    operations = [
        migrations.RemoveField("delivery", "stop_token"),
        migrations.AlterField("delivery", "token_digest", models.CharField(editable=False, max_length=64)),
        migrations.AlterField(
            "delivery",
            "encrypted_token",
            models.CharField(editable=False, max_length=160, verbose_name="token"),
        ),
        migrations.AddConstraint(
            "delivery", models.UniqueConstraint(
                fields=("token_digest",),
                name="one_message_per_stop_token",
                violation_error_message="There is a message with this address to stop it already. Send it again.",
            )
        ),
    ]
