from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0016_words_of_constraints")]

    operations = [
        migrations.AlterField("portallink", "token", models.CharField(max_length=64, null=True, unique=True)),
        migrations.AddField("portallink", "token_digest", models.CharField(max_length=64, null=True)),
        migrations.AddField("portallink", "encrypted_token", models.CharField(default="", max_length=160)),
        migrations.AlterField("portallinkattempt", "token", models.CharField(max_length=64, null=True)),
        migrations.AddField("portallinkattempt", "token_digest", models.CharField(max_length=64, null=True)),
    ]
