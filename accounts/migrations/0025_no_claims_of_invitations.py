from django.db import migrations


class Migration(migrations.Migration):
    """Who sends a mail has its message in hand."""

    dependencies = [("accounts", "0024_waiting_mails_are_events")]
    operations = [
        migrations.RemoveIndex(
            model_name='invitation',
            name='accounts_in_mail_st_ea877e_idx',
        ),
        migrations.RemoveField(
            model_name='invitation',
            name='claim',
        ),
        migrations.RemoveField(
            model_name='invitation',
            name='heartbeat_at',
        ),
        migrations.RemoveField(
            model_name='invitation',
            name='tries',
        ),
    ]
