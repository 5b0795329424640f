from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_encrypt_invitations")]

    operations = [
        migrations.RemoveField("invitation", "token"),
        migrations.AlterField("invitation", "token_digest", models.CharField(editable=False, max_length=64)),
        migrations.AlterField(
            "invitation",
            "encrypted_token",
            models.CharField(editable=False, max_length=160, verbose_name="token"),
        ),
        migrations.AddConstraint(
            "invitation", models.UniqueConstraint(
                fields=("token_digest",),
                name="one_invitation_per_token",
                violation_error_message="There is an invitation with this address already. Send a fresh one.",
            )
        ),
    ]
