"""Portal settings go to the room ``business``, exports of lists to ``console``: their tables go with them, row for row."""

from django.db import migrations

GONE = {
    'portalsettings': 'business_portalsettings',
    'historicalportalsettings': 'business_historicalportalsettings',
    'listexport': 'console_listexport',
}


class Migration(migrations.Migration):

    dependencies = [
        ('permissions', '0007_link_age_default'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name, table) for name, table in GONE.items()],
            state_operations=[migrations.DeleteModel(name) for name in GONE],
        ),
    ]
