import audit.models
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What happens to accounts is recorded as what happens to jobs is."""

    dependencies = [
        ('accounts', '0022_source_of_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('actor', models.CharField(default='', max_length=200, verbose_name='by')),
                ('source', models.CharField(choices=[('console', 'Console'), ('portal', 'Portal'), ('link', 'Portal link'), ('api', 'API'), ('import', 'Import'), ('series', 'Series'), ('system', 'System')], default='system', max_length=10, verbose_name='source')),
                ('request_id', models.UUIDField(default=audit.models._request_id, verbose_name='request')),
                ('data', models.JSONField(blank=True, default=dict, verbose_name='details')),
                ('announced_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='announced')),
                ('kind', models.CharField(choices=[('portal_user.invited', 'Portal user invited'), ('portal_user.signed_up', 'Portal user signed up'), ('portal_user.access_opened', 'Portal access opened'), ('portal_user.access_ended', 'Portal access ended'), ('staff.invited', 'Member of staff invited'), ('account.password_link', 'Password link requested'), ('account.two_factor_off', 'Two-factor sign-in switched off'), ('account.sign_in_paused', 'Sign-in paused')], max_length=30, verbose_name='what')),
            ],
            options={
                'verbose_name': 'account event',
                'verbose_name_plural': 'account events',
                'ordering': ['at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.AlterField(
            model_name='invitation',
            name='mail_state',
            field=models.CharField(choices=[('waiting', 'Waiting to go out'), ('sent', 'Sent'), ('failed', 'Failed'), ('uncertain', 'Uncertain')], default='waiting', max_length=12, verbose_name='mail'),
        ),
        migrations.AddField(
            model_name='accountevent',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to=settings.AUTH_USER_MODEL, verbose_name='account'),
        ),
        migrations.AddField(
            model_name='accountevent',
            name='by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddIndex(
            model_name='accountevent',
            index=models.Index(condition=models.Q(('announced_at__isnull', True)), fields=['id'], name='account_event_unannounced'),
        ),
    ]
