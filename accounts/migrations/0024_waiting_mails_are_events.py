from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KINDS = {"invitation": "portal_user.invited", "activation": "portal_user.signed_up", "staff": "staff.invited"}


def record(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A mail that has not gone out becomes a message on the ledger, as every one that comes after."""
    invitations, events = apps.get_model("accounts", "Invitation"), apps.get_model("accounts", "AccountEvent")
    waiting = invitations.objects.filter(mail_state__in=("waiting", "sending"))
    events.objects.bulk_create(
        events(account_id=one.user_id, kind=KINDS[one.purpose], actor=one.made_by, data={"invitation": one.pk})
        for one in waiting.order_by("pk")
    )
    waiting.update(mail_state="waiting")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_events_of_accounts")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
