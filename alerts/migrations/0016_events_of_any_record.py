import alerts.catalogue
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class LeaveConstraint(migrations.RemoveConstraint):
    """The database keeps it until the next migration has built what comes in its place."""

    def database_forwards(self, *_given: object) -> None:
        pass


class Migration(migrations.Migration):
    """A message names an event of any table. Nothing here rewrites the messages, or builds an index while they are
    locked."""


    dependencies = [
        ('accounts', '0025_no_claims_of_invitations'),
        ('alerts', '0015_source_of_changes'),
        ('jobs', '0022_source_of_changes'),
        ('templates_app', '0005_words_of_constraints'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LeaveConstraint(model_name='delivery', name='one_message_per_event_and_recipient'),
        LeaveConstraint(model_name='delivery', name='one_message_per_job_alert'),
        # The column stays as it is, and its index.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name='delivery', name='event'),
                migrations.AddField(
                    model_name='delivery',
                    name='event_id',
                    field=models.BigIntegerField(blank=True, db_index=True, editable=False, null=True, verbose_name='event'),
                ),
            ],
        ),
        migrations.AddField(
            model_name='delivery',
            name='event_model',
            field=models.CharField(default='jobs.jobevent', editable=False, max_length=60),
        ),
        migrations.AddField(
            model_name='delivery',
            name='portal_user',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.portaluser', verbose_name='portal user'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='customers',
            field=models.ManyToManyField(blank=True, help_text='Only what concerns one of these. Empty: all.', related_name='+', to='accounts.customer', verbose_name='customers'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='labels',
            field=models.ManyToManyField(blank=True, help_text='Only what concerns a customer, or a template, that carries one of these. Empty: all.', related_name='+', to='accounts.label', verbose_name='labels'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='staff',
            field=models.ManyToManyField(blank=True, help_text='A notice in the console for these people, as far as they may see what it is about.', limit_choices_to={'is_active': True, 'is_staff': True}, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='certain staff'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='to_office',
            field=models.BooleanField(default=False, help_text='A notice in the console for all staff who may see what it is about.', verbose_name='the whole office'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='to_portal_users',
            field=models.BooleanField(default=False, help_text='Of a job: everybody linked to the customer who may see it. Of a portal user: this person.', verbose_name='portal users'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='about',
            field=models.CharField(blank=True, max_length=160, verbose_name='about'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='audience',
            field=models.CharField(choices=[('site_contact', 'Site contact'), ('billing_contact', 'Billing contact'), ('portal_user', 'Portal user'), ('worker', 'Worker'), ('staff', 'Staff'), ('fixed', 'Fixed address'), ('asked', 'Asked for on the job'), ('owner', 'Owner of the account'), ('guest', 'Guest of a portal link')], max_length=20, verbose_name='told as'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=alerts.catalogue.message_choices, max_length=30, verbose_name='what happened'),
        ),
        migrations.AlterField(
            model_name='historicalalert',
            name='to_office',
            field=models.BooleanField(default=False, help_text='A notice in the console for all staff who may see what it is about.', verbose_name='the whole office'),
        ),
        migrations.AlterField(
            model_name='historicalalert',
            name='to_portal_users',
            field=models.BooleanField(default=False, help_text='Of a job: everybody linked to the customer who may see it. Of a portal user: this person.', verbose_name='portal users'),
        ),
    ]
