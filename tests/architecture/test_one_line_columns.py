"""Each short text that people write is one line, or is listed with why it need not be."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from audit.one_line import OneLine
from config.cleaners import OURS

# What has no choices, is no address or slug, may be written, and is not one line: why.
GROUPS: dict[str, str] = {
    "made by the site: digests, keys, hashes": """
        accounts.KeptAnswer.request_digest
        accounts.User.password
        alerts.ChannelHold.why
        alerts.ChannelHold.words
        alerts.Delivery.why
        jobs.JobFile.kind
        jobs.PortalLinkAttempt.token_digest
        console.ListExport.format
        console.ListExport.title
        portal_site.Attempt.key
        portal_site.Attempt.purpose
        templates_app.TemplateVersion.digest
    """,
    "one of a list of names, checked when it is saved": """
        accounts.User.time_zone
        accounts.Worker.colour
        alerts.Delivery.language
        business.PortalSettings.brand_colour
        templates_app.JobTemplate.colour
        templates_app.JobTemplate.currency
    """,
    "a key made of a label, or one of these": """
        jobs.JobFile.key
        templates_app.TemplateField.key
        templates_app.TemplateField.shown_when
        templates_app.TemplateStep.key
    """,
    "an address or number in its normal form (alerts.addresses)": """
        alerts.Delivery.recipient
        alerts.JobAlert.address
        alerts.MessageStop.address
    """,
    "copied from a name that is one line": """
        accounts.AccountEvent.actor
        alerts.Delivery.about
        alerts.Delivery.recipient_name
        imports.ImportRow.label
        jobs.JobEvent.actor
    """,
    "said by a program, compared and never shown on paper": """
        accounts.AuthenticatorApp.name
        accounts.KeptAnswer.key
        alerts.Delivery.reference
    """,
}
REASONS = {name: why for why, names in GROUPS.items() for name in names.split()}


def free_texts() -> dict[str, models.Field]:
    """The short texts of our models that no list of choices and no other check holds to one line."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label not in OURS or model._meta.model_name.startswith("historical"):
            continue
        for field in model._meta.local_fields:
            checked = isinstance(field, models.EmailField | models.SlugField | models.URLField) or field.choices
            if isinstance(field, models.CharField) and field.editable and not checked:
                found[f"{model._meta.label}.{field.name}"] = field
    return found


def test_every_short_text_is_one_line_or_has_a_reason():
    wide = {name for name, field in free_texts().items() if not isinstance(field, OneLine)}
    assert wide == set(REASONS)
