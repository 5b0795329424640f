"""What finds customers and workers by name, and keeps labels apart."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0027_fill_forms_of_names"),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['name_key'], name='accounts_cu_name_ke_eff4ec_idx'),
        ),
        migrations.AddIndex(
            model_name='worker',
            index=models.Index(fields=['name_key'], name='accounts_wo_name_ke_20bd66_idx'),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.UniqueConstraint(condition=models.Q(('is_double', False)), fields=('name_key',), name='one_label_of_each_name', violation_error_message='This name is taken already.'),
        ),
    ]
