from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class _Concurrently:
    """On PostgreSQL an index is built while messages are written. One that was left half built is built anew."""

    name: str

    def _build(self, schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], sql: object) -> None:
        if schema_editor.connection.vendor == "postgresql":
            drop(schema_editor, self.name)
            head, table = str(sql).split(" INDEX ", 1)
            sql = f"{head} INDEX CONCURRENTLY {table}"
        schema_editor.execute(sql, params=None)


class AddUnique(_Concurrently, migrations.AddConstraint):
    """A unique constraint with a condition, which is an index in both databases."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        self.name = self.constraint.name
        self._build(schema_editor, model, self.constraint.create_sql(model, schema_editor))


class AddIndex(_Concurrently, migrations.AddIndex):
    """An index."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        self.name = self.index.name
        self._build(schema_editor, model, self.index.create_sql(model, schema_editor))


def drop(schema_editor: BaseDatabaseSchemaEditor, name: str) -> None:
    """Drops an index, if it is there."""
    how = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {how}IF EXISTS {schema_editor.quote_name(name)}")


def drop_the_old(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What holds the same for events of jobs alone is not needed any more."""
    for name in ("one_message_per_event_and_recipient", "one_message_per_job_alert"):
        drop(schema_editor, name)


class Migration(migrations.Migration):
    """A message is written once for each event, of whichever table: first the new rules, then without the old ones."""

    atomic = False
    dependencies = [("alerts", "0016_events_of_any_record")]
    operations = [
        AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('portal_user__isnull', False)), fields=['portal_user', '-id'], name='alerts_delivery_of_person'),
        ),
        AddUnique(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('is_test', False), ('resend_of__isnull', True)), fields=('event_id', 'event_model', 'alert', 'channel', 'recipient'), name='one_message_per_alert', violation_error_message='This recipient already has a message about this event.'),
        ),
        AddUnique(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('is_test', False), ('resend_of__isnull', True)), fields=('event_id', 'event_model', 'job_alert', 'channel', 'recipient'), name='one_message_per_job_alert_and_event', violation_error_message='This recipient already has a message about this event.'),
        ),
        AddUnique(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('audience', 'owner'), ('resend_of__isnull', True)), fields=('event_id', 'event_model'), name='one_personal_mail_per_event', violation_error_message='This recipient already has a message about this event.'),
        ),
        migrations.RunPython(drop_the_old, migrations.RunPython.noop),
    ]
