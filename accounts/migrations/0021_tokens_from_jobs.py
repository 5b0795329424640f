"""API tokens and kept answers move here from ``jobs``, whose last migration renames their tables.

Rows and histories stay; the content types follow, and with them the permissions that roles and people have.
"""

import audit.models
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import migrations, models

MOVED = ("apitoken", "historicalapitoken", "keptanswer")


def _rename(old, new):
    def rename(apps, schema_editor):
        kinds = apps.get_model("contenttypes", "ContentType").objects
        there = set(kinds.filter(app_label=new, model__in=MOVED).values_list("model", flat=True))
        kinds.filter(app_label=old, model__in=set(MOVED) - there).update(app_label=new)
        ContentType.objects.clear_cache()

    return rename


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_claims_of_invitations"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("jobs", "0021_tokens_move_to_accounts"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='ApiToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(help_text="What uses it: Accounting, the drivers' app.", max_length=80, verbose_name='name')),
                        ('prefix', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                        ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                        ('scopes', models.JSONField(blank=True, default=list, verbose_name='may be used to')),
                        ('expires_at', models.DateTimeField(verbose_name='expires')),
                        ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked')),
                        ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                        ('user', models.ForeignKey(blank=True, help_text='It may do what this person may, within its own limits, and is written into history by her name.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL, verbose_name='acts as')),
                        ('worker', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to='accounts.worker', verbose_name='worker')),
                    ],
                    options={
                        'verbose_name': 'API token',
                        'verbose_name_plural': 'API tokens',
                        'ordering': ['-id'],
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalApiToken',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('actor', models.CharField(default=audit.models._actor, max_length=200, verbose_name='by')),
                        ('road', models.CharField(choices=[('console', 'Console'), ('portal', 'Portal'), ('link', 'Portal link'), ('api', 'API'), ('import', 'Import'), ('series', 'Series'), ('system', 'System')], default=audit.models._road, max_length=10, verbose_name='road')),
                        ('request_id', models.UUIDField(db_index=True, default=audit.models._request_id, verbose_name='request')),
                        ('label', models.CharField(default='', max_length=200, verbose_name='record')),
                        ('customer_ref', models.BigIntegerField(db_index=True, null=True, verbose_name='customer')),
                        ('name', models.CharField(help_text="What uses it: Accounting, the drivers' app.", max_length=80, verbose_name='name')),
                        ('prefix', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                        ('scopes', models.JSONField(blank=True, default=list, verbose_name='may be used to')),
                        ('expires_at', models.DateTimeField(verbose_name='expires')),
                        ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked')),
                        ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='made')),
                        ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.TextField(null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(blank=True, db_constraint=False, help_text='It may do what this person may, within its own limits, and is written into history by her name.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='acts as')),
                        ('worker', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.worker', verbose_name='worker')),
                    ],
                    options={
                        'verbose_name': 'historical API token',
                        'verbose_name_plural': 'historical API tokens',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='KeptAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=100)),
                        ('request_digest', models.CharField(max_length=64)),
                        ('status', models.PositiveSmallIntegerField(default=0)),
                        ('body', models.JSONField(null=True)),
                        ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.apitoken')),
                    ],
                    options={
                        'verbose_name': 'kept answer',
                        'verbose_name_plural': 'kept answers',
                        'default_permissions': (),
                    },
                ),
                migrations.AddConstraint(
                    model_name='apitoken',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('user__isnull', False), ('worker__isnull', True)), models.Q(('user__isnull', True), ('worker__isnull', False)), _connector='OR'), name='token_of_staff_or_of_worker', violation_error_message='A token acts as a member of staff or as a worker. Choose one.'),
                ),
                migrations.AddConstraint(
                    model_name='keptanswer',
                    constraint=models.UniqueConstraint(fields=('token', 'key'), name='one_answer_per_key', violation_error_message='A request with this key has already been answered.'),
                ),
            ],
        ),
        migrations.RunPython(_rename("jobs", "accounts"), _rename("accounts", "jobs")),
    ]
