"""The tables came from the room ``permissions``; what knows them by their kind follows."""

import audit.models
import business.catalogue
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


NAMES = ['portalsettings', 'historicalportalsettings']


def take_kinds_over(apps, schema_editor):
    """The rights that roles hold hang on the kind, so they go on to count."""
    kinds = apps.get_model('contenttypes', 'ContentType').objects.using(schema_editor.connection.alias)
    kinds.filter(app_label='permissions', model__in=NAMES).update(app_label='business')


def give_kinds_back(apps, schema_editor):
    kinds = apps.get_model('contenttypes', 'ContentType').objects.using(schema_editor.connection.alias)
    kinds.filter(app_label='business', model__in=NAMES).update(app_label='permissions')


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
                name='HistoricalPortalSettings',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('actor', models.CharField(default=audit.models._actor, max_length=200, verbose_name='by')),
                    ('road', models.CharField(choices=[('console', 'Console'), ('portal', 'Portal'), ('link', 'Portal link'), ('api', 'API'), ('import', 'Import'), ('series', 'Series'), ('system', 'System')], default=audit.models._road, max_length=10, verbose_name='road')),
                    ('request_id', models.UUIDField(db_index=True, default=audit.models._request_id, verbose_name='request')),
                    ('label', models.CharField(default='', max_length=200, verbose_name='record')),
                    ('customer_ref', models.BigIntegerField(db_index=True, null=True, verbose_name='customer')),
                    ('portal_enabled', models.BooleanField(default=True, help_text='Off: nobody but your staff can sign in, and no portal link opens.', verbose_name='portal enabled')),
                    ('access', models.CharField(choices=[('public', 'Public: visitors can sign up'), ('private', 'Private: you add people')], default='private', help_text='Public adds a sign-up link to the login page. A new person sees nothing until you link her to a customer.', max_length=10, verbose_name='who can get in')),
                    ('portal_name', models.CharField(default='Portico', help_text="Your business's name, on every page and in every message.", max_length=80, verbose_name='name')),
                    ('introduction', models.TextField(blank=True, help_text='A sentence or two under the name on the login page.', verbose_name='introduction')),
                    ('logo', models.TextField(blank=True, help_text='PNG, JPEG, WebP or GIF, at least 64 pixels high, at most 2 MB. Shown on a white ground.', max_length=100, verbose_name='logo')),
                    ('brand_colour', models.CharField(default='#0f766e', help_text='Buttons and links of the companion site. Text on it turns black or white by itself.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write a colour as # and six digits, for example #0f766e.')], verbose_name='brand colour')),
                    ('business_phone', models.CharField(blank=True, help_text='Shown on every page of the companion site.', max_length=40, verbose_name='telephone')),
                    ('business_email', models.EmailField(blank=True, help_text='Shown on every page of the companion site, and the reply address of messages.', max_length=254, verbose_name='e-mail')),
                    ('staff_two_factor', models.BooleanField(default=False, help_text='On: staff without a second step are led to setting one up before they can use the console.', verbose_name='staff need two-factor sign-in')),
                    ('signup_asks_phone', models.BooleanField(default=True, help_text='On: nobody can sign up without one.', verbose_name='sign-up asks for a telephone number')),
                    ('signup_asks_company', models.BooleanField(default=False, help_text='On: nobody can sign up without naming a company.', verbose_name='sign-up asks for a company')),
                    ('signup_asks_address', models.BooleanField(default=False, help_text='On: nobody can sign up without a service address.', verbose_name='sign-up asks for an address')),
                    ('new_customer_for_signup', models.BooleanField(default=False, help_text='On: who signs up gets a customer record of her own, and is linked to it. She is never matched to another.', verbose_name='make a customer for a sign-up')),
                    ('invitation_days', models.PositiveSmallIntegerField(default=7, help_text='Days an invitation or activation link works. An expired one offers a fresh mail.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='invitations live')),
                    ('mandatory_templates', models.BooleanField(default=True, help_text='On: staff without administrator rights make jobs only from templates.', verbose_name='mandatory job templates')),
                    ('change_cutoff_hours', models.PositiveSmallIntegerField(default=24, help_text='Hours before the planned start after which a change needs your answer.', verbose_name='change cut-off')),
                    ('cancel_cutoff_hours', models.PositiveSmallIntegerField(default=24, help_text='Hours before the planned start after which a cancellation needs your answer.', verbose_name='cancel cut-off')),
                    ('map_enabled', models.BooleanField(default=True, help_text='Off: no map for anybody, whatever her permissions.', verbose_name='map')),
                    ('worker_precision_metres', models.PositiveIntegerField(default=500, help_text="Metres. A worker's position is rounded to a grid this wide.", verbose_name='worker position precision')),
                    ('job_alerts_enabled', models.BooleanField(default=True, help_text='Off: portal users cannot have messages sent about a job.', verbose_name='job alerts')),
                    ('alert_on_scheduled', models.BooleanField(default=True, help_text='Offer a message when a job gets its time.', verbose_name='when scheduled')),
                    ('alert_on_started', models.BooleanField(default=True, help_text='Offer a message when the worker starts.', verbose_name='when started')),
                    ('alert_on_completed', models.BooleanField(default=True, help_text='Offer a message when the job is done.', verbose_name='when completed')),
                    ('sms_enabled', models.BooleanField(default=False, help_text='On: text messages are sent and cost money.', verbose_name='alerts by SMS')),
                    ('link_in_notes', models.BooleanField(default=True, help_text='On: every new job made from a template carries its portal link in its notes.', verbose_name='include portal access as a job note')),
                    ('guest_proof', models.CharField(choices=[('contact', 'A contact detail on the job'), ('code', 'A one-time code sent to it')], default='contact', help_text='What the visitor of a portal link must show before she sees the job.', max_length=10, verbose_name='guests prove themselves by')),
                    ('link_max_days', models.PositiveSmallIntegerField(blank=True, default=90, help_text='Days. 90 in a new installation. Empty: until the job is completed, cancelled or deleted.', null=True, verbose_name='portal links live at most')),
                    ('show_pending_invoices', models.BooleanField(default=False, help_text='On: customers see invoices before you post them.', verbose_name='show pending invoices')),
                    ('online_payment_enabled', models.BooleanField(default=False, help_text='On: customers who may pay can pay by card.', verbose_name='online payment')),
                    ('default_permissions', models.JSONField(default=business.catalogue.portal_defaults, help_text='What every portal user may do, unless an override on her or on one of her links says otherwise.', verbose_name='default user permissions')),
                    ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.TextField(null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical portal settings',
                    'verbose_name_plural': 'historical portal settings',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='PortalSettings',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('portal_enabled', models.BooleanField(default=True, help_text='Off: nobody but your staff can sign in, and no portal link opens.', verbose_name='portal enabled')),
                    ('access', models.CharField(choices=[('public', 'Public: visitors can sign up'), ('private', 'Private: you add people')], default='private', help_text='Public adds a sign-up link to the login page. A new person sees nothing until you link her to a customer.', max_length=10, verbose_name='who can get in')),
                    ('portal_name', models.CharField(default='Portico', help_text="Your business's name, on every page and in every message.", max_length=80, verbose_name='name')),
                    ('introduction', models.TextField(blank=True, help_text='A sentence or two under the name on the login page.', verbose_name='introduction')),
                    ('logo', models.ImageField(blank=True, help_text='PNG, JPEG, WebP or GIF, at least 64 pixels high, at most 2 MB. Shown on a white ground.', upload_to='portal/', verbose_name='logo')),
                    ('brand_colour', models.CharField(default='#0f766e', help_text='Buttons and links of the companion site. Text on it turns black or white by itself.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write a colour as # and six digits, for example #0f766e.')], verbose_name='brand colour')),
                    ('business_phone', models.CharField(blank=True, help_text='Shown on every page of the companion site.', max_length=40, verbose_name='telephone')),
                    ('business_email', models.EmailField(blank=True, help_text='Shown on every page of the companion site, and the reply address of messages.', max_length=254, verbose_name='e-mail')),
                    ('staff_two_factor', models.BooleanField(default=False, help_text='On: staff without a second step are led to setting one up before they can use the console.', verbose_name='staff need two-factor sign-in')),
                    ('signup_asks_phone', models.BooleanField(default=True, help_text='On: nobody can sign up without one.', verbose_name='sign-up asks for a telephone number')),
                    ('signup_asks_company', models.BooleanField(default=False, help_text='On: nobody can sign up without naming a company.', verbose_name='sign-up asks for a company')),
                    ('signup_asks_address', models.BooleanField(default=False, help_text='On: nobody can sign up without a service address.', verbose_name='sign-up asks for an address')),
                    ('new_customer_for_signup', models.BooleanField(default=False, help_text='On: who signs up gets a customer record of her own, and is linked to it. She is never matched to another.', verbose_name='make a customer for a sign-up')),
                    ('invitation_days', models.PositiveSmallIntegerField(default=7, help_text='Days an invitation or activation link works. An expired one offers a fresh mail.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='invitations live')),
                    ('mandatory_templates', models.BooleanField(default=True, help_text='On: staff without administrator rights make jobs only from templates.', verbose_name='mandatory job templates')),
                    ('change_cutoff_hours', models.PositiveSmallIntegerField(default=24, help_text='Hours before the planned start after which a change needs your answer.', verbose_name='change cut-off')),
                    ('cancel_cutoff_hours', models.PositiveSmallIntegerField(default=24, help_text='Hours before the planned start after which a cancellation needs your answer.', verbose_name='cancel cut-off')),
                    ('map_enabled', models.BooleanField(default=True, help_text='Off: no map for anybody, whatever her permissions.', verbose_name='map')),
                    ('worker_precision_metres', models.PositiveIntegerField(default=500, help_text="Metres. A worker's position is rounded to a grid this wide.", verbose_name='worker position precision')),
                    ('job_alerts_enabled', models.BooleanField(default=True, help_text='Off: portal users cannot have messages sent about a job.', verbose_name='job alerts')),
                    ('alert_on_scheduled', models.BooleanField(default=True, help_text='Offer a message when a job gets its time.', verbose_name='when scheduled')),
                    ('alert_on_started', models.BooleanField(default=True, help_text='Offer a message when the worker starts.', verbose_name='when started')),
                    ('alert_on_completed', models.BooleanField(default=True, help_text='Offer a message when the job is done.', verbose_name='when completed')),
                    ('sms_enabled', models.BooleanField(default=False, help_text='On: text messages are sent and cost money.', verbose_name='alerts by SMS')),
                    ('link_in_notes', models.BooleanField(default=True, help_text='On: every new job made from a template carries its portal link in its notes.', verbose_name='include portal access as a job note')),
                    ('guest_proof', models.CharField(choices=[('contact', 'A contact detail on the job'), ('code', 'A one-time code sent to it')], default='contact', help_text='What the visitor of a portal link must show before she sees the job.', max_length=10, verbose_name='guests prove themselves by')),
                    ('link_max_days', models.PositiveSmallIntegerField(blank=True, default=90, help_text='Days. 90 in a new installation. Empty: until the job is completed, cancelled or deleted.', null=True, verbose_name='portal links live at most')),
                    ('show_pending_invoices', models.BooleanField(default=False, help_text='On: customers see invoices before you post them.', verbose_name='show pending invoices')),
                    ('online_payment_enabled', models.BooleanField(default=False, help_text='On: customers who may pay can pay by card.', verbose_name='online payment')),
                    ('default_permissions', models.JSONField(default=business.catalogue.portal_defaults, help_text='What every portal user may do, unless an override on her or on one of her links says otherwise.', verbose_name='default user permissions')),
                    ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ],
                options={
                    'verbose_name': 'portal settings',
                    'verbose_name_plural': 'portal settings',
                    'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_portal_settings', violation_error_message='There is one set of portal settings. Change that one.')],
                },
            ),
            ],
        ),
        migrations.RunPython(take_kinds_over, give_kinds_back),
    ]
