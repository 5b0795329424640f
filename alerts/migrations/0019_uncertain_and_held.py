import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def settled_are_uncertain_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The version before knows no message that was uncertain and was sent again."""
    apps.get_model("alerts", "Delivery").objects.filter(state="sent_again").update(state="uncertain")


class Migration(migrations.Migration):
    """Channels that are held, and who settled a message that was uncertain."""

    dependencies = [
        ('alerts', '0018_awaited_mails'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, settled_are_uncertain_again),
        migrations.AlterModelOptions(
            name='delivery',
            options={'ordering': ['-id'], 'permissions': [('resend_delivery', 'Can send messages again'), ('settle_delivery', 'Can say that uncertain messages arrived')], 'verbose_name': 'message', 'verbose_name_plural': 'messages'},
        ),
        migrations.AddField(
            model_name='delivery',
            name='settled_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='settled'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='settled_by',
            field=models.CharField(blank=True, editable=False, max_length=200, verbose_name='settled by'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('not_carried', 'Not sent by a carrier'), ('failed', 'Failed'), ('bounced', 'Bounced'), ('skipped', 'Skipped'), ('uncertain', 'Uncertain'), ('sent_again', 'Sent again')], default='queued', max_length=12, verbose_name='state'),
        ),
        migrations.CreateModel(
            name='ChannelHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('claim', models.UUIDField(editable=False, null=True)),
                ('heartbeat_at', models.DateTimeField(editable=False, null=True)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('console', 'Console')], max_length=10, verbose_name='channel')),
                ('why', models.CharField(max_length=400, verbose_name='why')),
                ('words', models.CharField(blank=True, max_length=400, verbose_name="the server's words")),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('tried_at', models.DateTimeField(blank=True, null=True, verbose_name='last attempt')),
                ('next_try_at', models.DateTimeField(verbose_name='next attempt')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
            ],
            options={
                'verbose_name': 'held channel',
                'verbose_name_plural': 'held channels',
                'ordering': ['-id'],
                'permissions': [('try_channelhold', 'Can have a held channel tried at once')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('channel',), name='one_hold_per_channel', violation_error_message='This channel is held already.')],
            },
        ),
    ]
