from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_words_of_constraints")]

    operations = [
        migrations.AlterField("invitation", "token", models.CharField(max_length=64, null=True, unique=True)),
        migrations.AddField("invitation", "token_digest", models.CharField(max_length=64, null=True)),
        migrations.AddField("invitation", "encrypted_token", models.CharField(default="", max_length=160)),
    ]
