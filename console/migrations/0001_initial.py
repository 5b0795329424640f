"""The tables came from the room ``permissions``; what knows them by their kind follows."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


NAMES = ['listexport']


def take_kinds_over(apps, schema_editor):
    """The rights that roles hold hang on the kind, so they go on to count."""
    kinds = apps.get_model('contenttypes', 'ContentType').objects.using(schema_editor.connection.alias)
    kinds.filter(app_label='permissions', model__in=NAMES).update(app_label='console')


def give_kinds_back(apps, schema_editor):
    kinds = apps.get_model('contenttypes', 'ContentType').objects.using(schema_editor.connection.alias)
    kinds.filter(app_label='console', model__in=NAMES).update(app_label='permissions')


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('permissions', '0008_settings_and_exports_leave'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
            migrations.CreateModel(
                name='ListExport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('source', models.CharField(editable=False, max_length=80, verbose_name='source')),
                    ('title', models.CharField(max_length=120, verbose_name='list')),
                    ('query', models.TextField(blank=True, editable=False, verbose_name='filters')),
                    ('columns', models.JSONField(default=list, editable=False, verbose_name='columns')),
                    ('format', models.CharField(max_length=8, verbose_name='format')),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('writing', 'Being written'), ('ready', 'Ready'), ('failed', 'Failed')], default='waiting', max_length=8, verbose_name='state')),
                    ('rows_total', models.PositiveIntegerField(default=0, verbose_name='rows')),
                    ('rows_done', models.PositiveIntegerField(default=0, verbose_name='rows written')),
                    ('file', models.FileField(blank=True, editable=False, upload_to='exports', verbose_name='file')),
                    ('size', models.PositiveBigIntegerField(default=0, verbose_name='size')),
                    ('problem', models.TextField(blank=True, verbose_name='what went wrong')),
                    ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked for')),
                    ('finished_at', models.DateTimeField(null=True, verbose_name='written')),
                    ('expires_at', models.DateTimeField(db_index=True, null=True, verbose_name='kept until')),
                    ('claim', models.UUIDField(editable=False, null=True)),
                    ('heartbeat_at', models.DateTimeField(editable=False, null=True)),
                    ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='list_exports', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ],
                options={
                    'verbose_name': 'export',
                    'verbose_name_plural': 'exports',
                    'ordering': ['-id'],
                },
            ),
            ],
        ),
        migrations.RunPython(take_kinds_over, give_kinds_back),
    ]
