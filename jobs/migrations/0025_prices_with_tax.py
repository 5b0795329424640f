import templates_app.prices
from django.db import migrations, models


def _prices_include_tax():
    return models.BooleanField(default=False, help_text="On: the amount is with tax. Off: tax is added to it on the invoice.", verbose_name="prices include tax")


def _amount():
    return models.DecimalField(blank=True, decimal_places=2, help_text="Agreed for the whole job.", max_digits=12, null=True, verbose_name="amount")


def _price_lines():
    return templates_app.prices.PriceLinesField(blank=True, default=list, help_text="Their total is the job's amount.", verbose_name="price lines")


class Migration(migrations.Migration):
    dependencies = [("jobs", "0024_search_texts_anew")]
    operations = [
        migrations.AddField("job", "prices_include_tax", _prices_include_tax()),
        migrations.AddField("historicaljob", "prices_include_tax", _prices_include_tax()),
        migrations.AlterField("job", "amount", _amount()),
        migrations.AlterField("historicaljob", "amount", _amount()),
        migrations.AlterField("job", "price_lines", _price_lines()),
        migrations.AlterField("historicaljob", "price_lines", _price_lines()),
    ]
