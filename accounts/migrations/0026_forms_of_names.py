"""The forms by which customers, workers, labels and people are found, beside their names; two labels may share a name until
0024 says which is the double."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0025_no_claims_of_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='name_search',
            field=models.CharField(default='', editable=False, max_length=1000, verbose_name='words to be found by'),
        ),
        migrations.AddField(
            model_name='customer',
            name='name_key',
            field=models.CharField(default='', editable=False, max_length=500, verbose_name='normal form of the name'),
        ),
        migrations.AddField(
            model_name='customer',
            name='name_search',
            field=models.CharField(default='', editable=False, max_length=1000, verbose_name='words to be found by'),
        ),
        migrations.AddField(
            model_name='label',
            name='is_double',
            field=models.BooleanField(default=False, editable=False, verbose_name='looks like a double'),
        ),
        migrations.AddField(
            model_name='label',
            name='name_key',
            field=models.CharField(default='', editable=False, max_length=500, verbose_name='normal form of the name'),
        ),
        migrations.AddField(
            model_name='label',
            name='name_search',
            field=models.CharField(default='', editable=False, max_length=1000, verbose_name='words to be found by'),
        ),
        migrations.AddField(
            model_name='user',
            name='name_search',
            field=models.CharField(default='', editable=False, max_length=1000, verbose_name='words to be found by'),
        ),
        migrations.AddField(
            model_name='worker',
            name='name_key',
            field=models.CharField(default='', editable=False, max_length=500, verbose_name='normal form of the name'),
        ),
        migrations.AddField(
            model_name='worker',
            name='name_search',
            field=models.CharField(default='', editable=False, max_length=1000, verbose_name='words to be found by'),
        ),
        migrations.AddField(
            model_name='contact',
            name='phone_search',
            field=models.CharField(default='', editable=False, max_length=45, verbose_name='digits to be found by'),
        ),
        migrations.AddField(
            model_name='user',
            name='phone_search',
            field=models.CharField(default='', editable=False, max_length=45, verbose_name='digits to be found by'),
        ),
        migrations.AddField(
            model_name='worker',
            name='phone_search',
            field=models.CharField(default='', editable=False, max_length=45, verbose_name='digits to be found by'),
        ),
        migrations.AddField(
            model_name='historicallabel',
            name='is_double',
            field=models.BooleanField(default=False, editable=False, verbose_name='looks like a double'),
        ),
        migrations.AlterField(
            model_name='historicallabel',
            name='name',
            field=models.CharField(max_length=40, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='label',
            name='name',
            field=models.CharField(max_length=40, verbose_name='name'),
        ),
    ]
