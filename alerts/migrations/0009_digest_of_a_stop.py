from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0008_words_of_constraints")]

    operations = [
        migrations.AlterField("delivery", "stop_token", models.CharField(max_length=40, null=True, unique=True)),
        migrations.AddField("delivery", "token_digest", models.CharField(max_length=64, null=True)),
        migrations.AddField("delivery", "encrypted_token", models.CharField(default="", max_length=160)),
    ]
