from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0010_tries_of_a_run'),
    ]

    operations = [
        migrations.RenameField(
            model_name='importrun',
            old_name='cancel_asked',
            new_name='cancel_requested',
        ),
        migrations.RenameField(
            model_name='historicalimportrun',
            old_name='cancel_asked',
            new_name='cancel_requested',
        ),
    ]
