"""What keeps templates apart by name."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("templates_app", "0008_fill_forms_of_names"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='jobtemplate',
            constraint=models.UniqueConstraint(condition=models.Q(('is_double', False)), fields=('name_key',), name='one_template_of_each_name', violation_error_message='This name is taken already.'),
        ),
    ]
