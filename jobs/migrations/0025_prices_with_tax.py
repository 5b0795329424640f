from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0024_search_texts_anew")]
    operations = [
        migrations.AddField("job", "prices_include_tax", models.BooleanField(default=False, verbose_name="prices include tax")),
        migrations.AddField("historicaljob", "prices_include_tax", models.BooleanField(default=False, verbose_name="prices include tax")),
    ]
