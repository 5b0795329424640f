"""Of every list and every reference that a deletion can empty: does empty mean all? Then its model declares it, and
losing the last entry switches the record off (``audit.emptiness``). Else it stands here, with what empty means.

The same of lists that are kept as data, which nothing empties but whoever writes them.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import models

from accounts.models import User
from audit.emptiness import declared_on
from audit.models import HistoryRow
from console.scope import reach_of
from permissions.services import grant
from tests.factories import make_customer, make_template

MEANS = {
    # Lists of records.
    "accounts.Customer.labels": "no label",
    "accounts.PortalUser.customers": "acts for nobody: to act for any customer is a permission of its own",
    "accounts.User.groups": "no role: may do nothing",
    "accounts.User.user_permissions": "nothing beyond the roles",
    "alerts.Alert.staff": "nobody of the staff is told: the whole office is a switch of its own",
    "auth.Group.permissions": "a role that may do nothing",
    "templates_app.JobTemplate.labels": "no label",
    # References that are emptied when what they refer to is deleted.
    "accounts.Worker.user": "has no account: signs in nowhere",
    "admin.LogEntry.content_type": "Django's own log, which we do not show",
    "alerts.ChannelHold.asked_by": "nobody is named as who asked for it",
    "alerts.Delivery.alert": "a message that was sent, kept without what it came from",
    "alerts.Delivery.asked_by": "nobody is named as who asked for it",
    "alerts.Delivery.customer": "shown to whoever sees all customers",
    "accounts.AccountEvent.by": "says the name in words",
    "alerts.Delivery.job": "says the number of the job in words",
    "alerts.Delivery.job_alert": "a message that was sent, kept without what it came from",
    "alerts.Delivery.resend_of": "a message like any other",
    "alerts.Delivery.portal_user": "a message about a job, or one kept without whom it was about",
    "alerts.Delivery.template": "a message about a job without a template",
    "alerts.Delivery.user": "a notice that nobody reads any more",
    "audit.SecurityEvent.user": "says the name in words",
    "billing.AccountEntry.by": "says the name in words",
    "billing.AccountEntry.location": "owed for no place",
    "billing.Allocation.by": "says the name in words",
    "billing.Allocation.credit_location": "of no place, or no credit note",
    "billing.Allocation.location": "for no place",
    "billing.Invoice.created_by": "not told who made it",
    "billing.Invoice.location": "of no place, or of several",
    "billing.Payment.created_by": "not told who made it",
    "billing.Refund.created_by": "not told who made it",
    "billing.WriteOff.created_by": "not told who made it",
    "billing.InvoiceLine.location": "of no place; the heading says which it was",
    "imports.ImportMapping.saved_by": "everybody who imports uses every mapping, whoever saved it",
    "jobs.ChangeRequest.answered_by": "not told who answered",
    "jobs.ChangeRequest.asked_by": "not told who asked",
    "jobs.Job.created_by": "not told who made it",
    "jobs.Job.location": "the address stands in the job itself",
    "jobs.JobEvent.by": "says the name in words",
    "jobs.JobFile.added_by": "not told who added it",
    "jobs.Occurrence.job": "the date is settled, its job is gone",
    "jobs.PortalLink.revoked_by": "not told who revoked it; it stays revoked",
    "jobs.Series.created_by": "not told who made it",
    "jobs.Series.location": "its coming jobs have no address",
    "templates_app.JobTemplate.worker": "suggests nobody",
}
KEPT_AS_DATA = {
    "accounts.ApiToken.scopes": "may do nothing; no scope is a record",
    "accounts.KeptAnswer.body": "no answer",
    "accounts.Worker.working_hours": "nobody has said; no day is a record",
    "billing.Invoice.buyer": "not posted yet",
    "billing.Invoice.seller": "not posted yet",
    "billing.Invoice.tax_groups": "no line",
    "business.Hold.held_requests": "no request's messages are held",
    "business.PortalSettings.default_permissions": "nothing is allowed by default",
    "console.ListExport.columns": "chosen by name; a column is no record",
    "imports.ImportMapping.columns": "columns by name",
    "imports.ImportMapping.formats": "formats by column",
    "imports.ImportRow.problems": "no problem",
    "imports.ImportRow.raw": "an empty row",
    "imports.ImportMapping.reading": "read as guessed",
    "imports.ImportRun.accepted_dates": "dates far from today are problems in every column",
    "imports.ImportRun.columns": "columns by name",
    "imports.ImportRun.formats": "formats by column",
    "imports.ImportRun.reading": "read as guessed",
    "imports.ImportRun.report": "nothing counted yet",
    "imports.ImportRun.undo_report": "not undone",
    "jobs.Job.price_lines": "no price",
    "jobs.Job.steps_done": "no step done",
    "jobs.Job.values": "no field filled in",
    "accounts.AccountEvent.data": "nothing more to say",
    "jobs.JobEvent.data": "nothing more to say",
    "jobs.Series.rules": "never comes: a series cannot be saved so",
    "jobs.Series.values": "no field filled in",
    "templates_app.JobTemplate.price_lines": "no price",
    "templates_app.TemplateField.choices": "no choice: a pick list cannot be saved so",
    "templates_app.TemplateVersion.fields": "no field",
    "templates_app.TemplateVersion.steps": "no step",
}


def own_models():
    return [model for model in apps.get_models() if not issubclass(model, HistoryRow) and not model._meta.proxy]


def names(model, kinds):
    return {f"{model._meta.label}.{field.name}" for field in model._meta.get_fields() if isinstance(field, kinds)}


def test_every_list_and_reference_that_can_be_emptied_is_declared_or_has_its_meaning_here():
    found, declared = set(), set()
    for model in own_models():
        found |= names(model, models.ManyToManyField)
        found |= {
            f"{model._meta.label}.{field.name}"
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and field.remote_field.on_delete in (models.SET_NULL, models.SET_DEFAULT)
        }
        own = declared_on(model)
        declared |= {f"{model._meta.label}.{name}" for name in own.lists} if own else set()
    assert declared <= found, "declared, and no list of records"
    assert not declared & set(MEANS), "either declared or with a meaning of its own"
    assert found - declared == set(MEANS), "say what it means when it is empty"


def test_every_list_that_is_kept_as_data_has_its_meaning_here():
    found = set().union(*(names(model, models.JSONField) for model in own_models()))
    assert found == set(KEPT_AS_DATA), "say what it means when it is empty"


@pytest.mark.parametrize("model", [model for model in own_models() if declared_on(model)])
def test_what_is_switched_off_can_be_switched_off(model):
    declared = declared_on(model)
    assert declared is not None and declared.off
    for name in declared.off:
        model._meta.get_field(name)
    history = getattr(model, model._meta.simple_history_manager_attribute).model
    assert set(declared.lists) <= {field.name for field in history._history_m2m_fields}, "its history keeps them not"


@pytest.mark.parametrize("kind", ["customer", "template"])
def test_an_administrator_whose_only_grant_goes_with_its_record_sees_nothing_of_that_kind(cast, kind):
    record = make_customer("Lone") if kind == "customer" else make_template("Rare")
    dana = cast.dana
    setattr(dana, f"only_granted_{kind}s", True)
    dana.save()
    dana.user_permissions.add(Permission.objects.get(codename="view_label"))
    grant(dana, record, change=True, by=cast.olivia)
    assert type(record).objects.visible_to(User.objects.get(pk=dana.pk)).count() == 1
    record.delete()
    again = User.objects.get(pk=dana.pk)
    assert reach_of(again).limited and not reach_of(again).keys(kind, "view")
    assert not type(record).objects.visible_to(again).exists()


def test_a_person_whose_only_listed_template_is_deleted_has_none(cast):
    from permissions.models import TemplateAccess
    from permissions.resolver import rights_of
    from permissions.services import set_only_listed_templates

    rare = make_template("Rare")
    TemplateAccess.objects.create(portal_user=cast.cora, template=rare)
    set_only_listed_templates(cast.cora, True, by=cast.olivia)
    assert rights_of(cast.cora).template_ids == {rare.pk}
    rare.delete()
    assert rights_of(cast.cora).template_ids == frozenset()
