from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0009_words_of_constraints")]
    operations = [
        migrations.AddField("importrun", "tries", models.PositiveSmallIntegerField(default=0, editable=False)),
    ]
