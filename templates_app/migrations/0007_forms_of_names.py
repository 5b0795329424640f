"""The forms by which templates are found, beside their names."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0026_forms_of_names"),
        ("templates_app", "0006_source_of_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name='jobtemplate',
            name='is_double',
            field=models.BooleanField(default=False, editable=False, verbose_name='looks like a double'),
        ),
        migrations.AddField(
            model_name='jobtemplate',
            name='name_key',
            field=models.CharField(default='', editable=False, max_length=500, verbose_name='normal form of the name'),
        ),
        migrations.AddField(
            model_name='jobtemplate',
            name='name_search',
            field=models.CharField(default='', editable=False, max_length=1000, verbose_name='words to be found by'),
        ),
        migrations.AddField(
            model_name='historicaljobtemplate',
            name='is_double',
            field=models.BooleanField(default=False, editable=False, verbose_name='looks like a double'),
        ),
        migrations.AlterField(
            model_name='historicaljobtemplate',
            name='name',
            field=models.CharField(help_text='What customers and workers read: Skip exchange, Wardrobe delivery.', max_length=120, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='jobtemplate',
            name='name',
            field=models.CharField(help_text='What customers and workers read: Skip exchange, Wardrobe delivery.', max_length=120, verbose_name='name'),
        ),
    ]
