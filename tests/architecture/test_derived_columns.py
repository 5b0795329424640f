"""Every column that is worked out, or says what another record says too, is declared in docs/derived.md.

There it says what writes it anew when its source changes, or why it stays as it was on that day. What could be such a
column is found by four marks (``suspects``); what has one and is neither is named here with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from django.apps import apps
from django.db import models

from accounts.models import User
from audit.models import HistoryRow
from tests.architecture.tree import APPS, ROOT

DOCUMENT = ROOT / "docs" / "derived.md"
# What has a mark of a copy, and is a fact of its own.
FACTS = {
    "of a record's life: written by the service that makes it true": (
        "Customer.archived_at", "JobTemplate.archived_at", "Job.status", "Job.started_at", "Job.completed_at",
        "Job.cancelled_at", "Job.cancellation_reason", "Job.steps_done", "Job.address_to_check", "Job.source",
        "Job.created_by", "Job.number", "JobFile.reference", "Series.paused_at", "Series.settled_until",
        "Series.problem", "Series.created_by", "Invitation.made_by", "Invitation.used_at", "Invitation.withdrawn_at",
        "Invitation.mail_at", "Invitation.mail_error", "PortalLink.made_by", "PortalLink.made_source",
        "PortalLink.revoked_at", "PortalLink.revoked_by", "PortalLink.first_opened_at", "PortalLink.last_opened_at",
        "PortalLink.opened_count", "PortalUser.last_seen_at", "ViewAs.started_at", "ViewAs.ended_at",
        "User.two_factor_since", "User.session_epoch", "User.told_of_pause_at", "User.browser_zone",
        "ApiToken.revoked_at", "ApiToken.last_used_at", "JobEvent.announced_at",
        "AccountEvent.announced_at", "ImportMapping.saved_by", "Delivery.state",
        "Delivery.settled_by", "Delivery.settled_at", "Delivery.settled_reason",
        "PortalSettings.version", "Progress.installation", "Progress.position", "Progress.confirmed", "Progress.at",
        "Progress.seen", "Hold.is_open", "Hold.series_are_settled", "Hold.again_request", "Hold.held_requests",
        "AuthenticatorApp.drift", "AuthenticatorApp.last_step",
        *(
            f"{model}.{column}"
            for model in ("Payment", "Refund", "WriteOff")
            for column in ("reference", "state", "void_reason", "voided_on", "source", "created_by")
        ),
        "Invoice.reference", "Invoice.status", "Invoice.posted_at", "Invoice.source", "Invoice.created_by",
        "Invoice.seal", "Invoice.previous_seal", "InvoiceLine.corrects_line", "InvoiceLine.source",
        "InvoiceJob.released_at", "InvoiceJob.released_why", "Document.made_at", "Document.remade_at",
        "Document.lost_sha256", "Document.file", "Document.profile", "BillingSettings.version",
    ),
    "of a file or a run: there is no other record of it": (
        "ListExport.source", "ListExport.query", "ListExport.columns", "ListExport.convention", "ListExport.file",
        "ImportRun.file",
        "ImportRun.size", "ImportRun.uploaded_by", "ImportRun.uploaded_at", "ImportRun.request_id",
        "ImportRow.object_id", "ImportRun.accepted_dates", "ImportMapping.reading",
    ),
    "notes down what happened, once": (
        "SecurityEvent.kind", "SecurityEvent.first_at", "SecurityEvent.last_at", "SecurityEvent.times",
        "SecurityEvent.user", "SecurityEvent.address", "SecurityEvent.source", "SecurityEvent.detail",
        "SecurityEvent.path", "SecurityEvent.request_id", "SecurityEvent.minute", "SecurityEvent.network",
        "SecurityEvent.key", "JobEvent.source", "SentForm.form", "SentForm.key", "SentForm.digest", "SentForm.kind",
        "SentForm.record_key",
    ),
    "a moment that is set when the record is made": (
        "AuthenticatorApp.created_at", "Customer.created_at", "Invitation.made_at", "User.date_joined",
        "PortalUser.created_at", "CustomerLink.created_at", "ApiToken.created_at", "TemplateVersion.made_at",
        "Job.created_at", "ChangeRequest.asked_at", "JobFile.added_at", "PortalLink.made_at", "Series.created_at",
        "JobAlert.made_at", "Invoice.created_at", "Payment.created_at", "Refund.created_at",
        "WriteOff.created_at", "MessageStop.made_at", "ImportMapping.updated_at", "SentForm.at",
    ),
}  # fmt: skip


@cache
def declared() -> frozenset[str]:
    """The columns of the table, "Model.column"."""
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return frozenset(name for row in rows for name in re.findall(r"`([^`]+)`", row))


def ours() -> Iterator[type[models.Model]]:
    """The models of every room, without the tables of history, which follow theirs."""
    for model in apps.get_models():
        if (
            model.__module__.split(".")[0] in APPS
            and model._meta.managed
            and not model._meta.proxy
            and not model.__name__.startswith("Historical")
        ):
            yield model


_NAMES = re.compile(
    r"(_digest|_count|_total|search_text|_label|_name|_email|_phone|_price)$"
    r"|^(digest|label|price|amount|address|recipient|actor|about|body|data)$"
)
# Who has a row in hand, and what is encrypted of the row's own.
_MACHINERY = frozenset({"claim", "heartbeat_at", "tries", "encrypted_token", "encrypted_secret"})


def suspects(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """(column, why it may be a copy)."""
    columns = [field for field in model._meta.concrete_fields if not field.primary_key]
    for field in columns:
        name = f"{model.__name__}.{field.name}"
        if field.name in _MACHINERY:
            continue
        if not field.editable:
            yield name, "nobody types it"
        if _NAMES.search(field.name):
            yield name, "its name"
        for other in {one.related_model for one in columns if one is not field and one.is_relation} - {model, User}:
            if other.__module__.split(".")[0] not in APPS:
                continue
            theirs = [one for one in other._meta.concrete_fields if not one.primary_key]
            if any(one.name == field.name and type(one) is type(field) for one in theirs):
                yield name, f"{other.__name__} has it too"
            elsewhere = field.is_relation and field.related_model is not User
            if elsewhere and any(one.related_model is field.related_model for one in theirs):
                yield name, f"{other.__name__} leads there too"


def test_every_column_that_may_be_a_copy_is_declared():
    facts = {name for names in FACTS.values() for name in names} | OWN.keys()
    unknown = {
        name: why for model in ours() for name, why in suspects(model) if name not in declared() and name not in facts
    }
    assert not unknown, "Say in docs/derived.md what refreshes them or why they stay, or here why they are no copies."


# No copies, though another record has a column of that name or leads to the same.
OWN = dict.fromkeys(
    (
        "Contact.name", "Location.name", "ApiToken.name", "JobTemplate.name", "TemplateStep.name", "Series.name",
        "TemplateField.label", "User.full_name", "JobTemplate.colour",
    ),
    "what it is itself called or shown as",
) | dict.fromkeys(
    (
        "PortalSettings.portal_name", "PortalSettings.business_phone", "PortalSettings.business_email",
        "PortalSettings.signup_asks_phone", "Alert.by_email", "BillingSettings.seller_name",
        "BillingSettings.bank_name", "BillingProfile.legal_name",
    ),
    "a setting",
) | {
    "Location.notes": "how to get in there",
    "PermissionOverride.portal_user": "an override is a person's or a link's, never both: a constraint",
    "Job.external_id": "the job's own number elsewhere",
    "JobAlert.address": "given by whoever asked for messages there",
    "MessageStop.address": "given by whoever wants none there",
    "PortalLinkAttempt.address": "of the network",
    "Delivery.created_at": "when it was written",
    "ImportRow.state": "what became of the row",
}  # fmt: skip


def test_nothing_is_declared_that_there_is_not():
    columns = {f"{model.__name__}.{field.name}" for model in ours() for field in model._meta.concrete_fields}
    columns |= {f"HistoryRow.{field.name}" for field in HistoryRow._meta.concrete_fields}
    assert not declared() - columns
    assert not {name for names in FACTS.values() for name in names} - columns
    assert not OWN.keys() - columns


def test_what_is_declared_is_no_fact_of_its_own_as_well():
    assert not declared() & ({name for names in FACTS.values() for name in names} | OWN.keys())


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[^`]+\.py)`", DOCUMENT.read_text()))))
def test_the_tests_it_names_exist(path):
    assert (ROOT / path).is_file()
