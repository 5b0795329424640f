from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0018_encrypt_portal_links")]

    operations = [
        migrations.RemoveField("portallink", "token"),
        migrations.AlterField("portallink", "token_digest", models.CharField(editable=False, max_length=64)),
        migrations.AlterField(
            "portallink",
            "encrypted_token",
            models.CharField(editable=False, max_length=160, verbose_name="token"),
        ),
        migrations.AddConstraint(
            "portallink", models.UniqueConstraint(
                fields=("token_digest",),
                name="one_portal_link_per_token",
                violation_error_message="There is a portal link with this address already. Re-issue it.",
            )
        ),
        migrations.RemoveField("portallinkattempt", "token"),
        migrations.AlterField("portallinkattempt", "token_digest", models.CharField(max_length=64)),
        migrations.AddIndex("portallinkattempt", models.Index(fields=["token_digest"], name="jobs_attempt_by_token")),
    ]
