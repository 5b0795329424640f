"""Changing what a job says, and asking for what one may no longer change oneself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.act import acting
from jobs.choices import EventKind
from jobs.models import ChangeRequest, Job
from jobs.services.life import cancel_job, locked
from jobs.services.recording import record_event, search_text_of
from permissions.errors import Refused
from permissions.models import PortalSettings
from templates_app.values import clean_values

EDITABLE = frozenset(
    {
        "external_id", "customer", "contact_name", "contact_email", "contact_phone", "location", "address", "latitude",
        "longitude", "requested_start", "duration_minutes", "notes", "asset_id", "amount", "values",
    }
)  # fmt: skip


def update_job(job: Job, changes: Mapping[str, Any], *, by: Any, use: str = "") -> Job:
    """Changes what a job says; its state, time and worker have services of their own.

    ``changes``: {field: new value}; ``values`` is merged key by key and checked by the blueprint (``use`` as in
    ``create_jobs``). Writes one event that names the fields; nothing at all when nothing differs. Raises KeyError for
    a field that is not changed here, ValidationError for a value its field does not take.
    """
    if unknown := set(changes) - EDITABLE:
        raise KeyError(f"not changed by update_job: {sorted(unknown)}")
    with transaction.atomic(), acting(by=by):
        job = locked(job)
        changed = []
        for name, value in changes.items():
            if name == "values":
                value = _merged_values(job, value, use)
            if getattr(job, name) != value:
                setattr(job, name, value)
                changed.append(name)
        if changed:
            job.search_text = search_text_of(job)
            job.save()
            record_event(job, EventKind.CHANGED, fields=changed)
        return job


def _merged_values(job: Job, given: Mapping[str, Any], use: str) -> dict[str, Any]:
    if job.blueprint is None:
        return {}
    fields = [field for field in job.blueprint.fields if field["key"] in given]
    kept = {key: value for key, value in job.values.items() if key not in given}
    return kept | clean_values(fields, given, use=use)


def past_cutoff(
    job: Job, what: Literal["change", "cancel"], settings: PortalSettings, at: datetime | None = None
) -> bool:
    """Is it too late for a customer to change or cancel this job herself? (PRODUCT.md section 4)

    Started jobs: always. Jobs without a planned start: never.
    """
    if not job.has_not_started:
        return True
    hours = settings.change_cutoff_hours if what == "change" else settings.cancel_cutoff_hours
    return job.planned_start is not None and (at or timezone.now()) > job.planned_start - timedelta(hours=hours)


def ask_for_change(job: Job, *, by: Any, kind: ChangeRequest.Kind, reason: str) -> ChangeRequest:
    """Leaves a change request for the office; asking again adds to the one that waits. Raises Refused without one."""
    if not reason.strip():
        raise Refused(_("Please say why, so that the office can answer."))
    with transaction.atomic(), acting(by=by, reason=reason):
        job = locked(job)
        if not job.is_open:
            raise Refused(_("This job is over."))
        request, made = ChangeRequest.objects.get_or_create(
            job=job, kind=kind, state=ChangeRequest.State.WAITING, defaults={"reason": reason, "asked_by": by}
        )
        if not made and reason not in request.reason:
            request.reason = f"{request.reason}\n{reason}"
            request.save()
        record_event(job, EventKind.CHANGE_REQUESTED, asks_to=str(kind), reason=reason)
        return request


def ask_to_cancel_job(job: Job, *, by: Any, reason: str) -> Job | ChangeRequest:
    """A customer's cancellation: done before the cut-off, after it a change request."""
    with transaction.atomic(), acting(by=by):
        job = locked(job)
        if past_cutoff(job, "cancel", PortalSettings.load()):
            return ask_for_change(job, by=by, kind=ChangeRequest.Kind.CANCEL, reason=reason)
        return cancel_job(job, by=by, reason=reason)


def delete_job(job: Job, *, by: Any) -> None:
    """Removes a job for good, its events and links with it; its history stays."""
    with transaction.atomic(), acting(by=by):
        locked(job).delete()
