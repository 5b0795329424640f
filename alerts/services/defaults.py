"""What a new business starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from alerts.models import Alert
from alerts.services.words import new_alert
from audit.act import acting
from console.reach import require_all_customers, require_all_templates
from jobs.choices import EventKind


@dataclass(frozen=True)
class _Default:
    name: str
    kind: EventKind
    facts: dict[str, Any]


def install_default_alerts(*, by: Any) -> list[Alert]:
    """The alerts a new business starts with, in the catalogue's words; those whose names exist already are left
    alone. Returns the new ones."""
    alone = {"to_site_contact": False, "by_email": False}
    wanted = (
        _Default(_("Job made: tell the site contact"), EventKind.CREATED, {}),
        _Default(_("Job planned: tell the site contact"), EventKind.SCHEDULED, {}),
        _Default(_("Job has a new time: tell the site contact"), EventKind.RESCHEDULED, {}),
        _Default(_("Job started: tell the site contact"), EventKind.STARTED, {}),
        _Default(_("Job started: text the site contact"), EventKind.STARTED, {"by_email": False, "by_sms": True}),
        _Default(_("Job done: tell the site contact"), EventKind.COMPLETED, {}),
        _Default(_("Job cancelled: tell the site contact"), EventKind.CANCELLED, {}),
        _Default(_("Answer to a change request: tell the site contact"), EventKind.CHANGE_ANSWERED, {}),
        _Default(_("Change asked for: tell the office"), EventKind.CHANGE_REQUESTED, {**alone, "to_office": True}),
        _Default(_("Start missed: tell the office"), EventKind.START_MISSED, {**alone, "to_office": True}),
    )
    # They concern every customer and template.
    require_all_customers(by)
    require_all_templates(by)
    taken = set(Alert.objects.values_list("name", flat=True))
    made = []
    with transaction.atomic(), acting(by=by):
        for default in wanted:
            if default.name not in taken:
                alert = new_alert(default.kind, name=default.name, **default.facts)
                alert.full_clean()
                alert.save()
                made.append(alert)
    return made
