"""Changing what a job says, and asking for what one may no longer change oneself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.act import acting
from business.models import PortalSettings
from console.errors import Conflict, Refused
from console.reach import require_reach
from jobs.models import ChangeRequest, Job, JobEvent
from jobs.models.links import hide_addresses
from jobs.models.payloads import ChangeAnswered, ChangeRequested, JobChanged
from jobs.services.billed import why_as_billed
from jobs.services.files import forget_files
from jobs.services.life import cancel_job, locked
from jobs.services.numbers import one_at_a_time
from jobs.services.recording import record_event, search_text_of
from jobs.services.sanity import require_free_external_ids, require_sane_jobs
from templates_app.definitions import Value
from templates_app.prices import clean_lines, total_of
from templates_app.services import By
from templates_app.values import clean_values, is_shown

EDITABLE = frozenset(
    {
        "external_id", "customer", "contact_name", "contact_email", "contact_phone", "location", "address", "latitude",
        "longitude", "address_to_check", "requested_start", "duration_minutes", "notes", "asset_id", "price_lines",
        "amount", "prices_include_tax", "values",
    }
)  # fmt: skip
# What an invoice was made of: it stays as it is while the job is on one.
BILLED = ("price_lines", "amount", "prices_include_tax", "customer")
# Whoever sets one of these anew says where it is.
PLACE = frozenset({"location", "address", "latitude", "longitude"})


def update_job(job: Job, changes: Mapping[str, Any], *, by: By, use: str = "") -> Job:
    """Changes what a job says; its state, time and worker have services of their own.

    ``changes``: {field: new value}; ``values`` is merged key by key and checked by the blueprint (``use`` as in
    ``create_jobs``). With ``price_lines`` the amount becomes their total; another ``amount`` stands alone, and the
    lines go. Writes one event that names the fields; nothing at all when nothing differs. Raises KeyError for
    a field that is not changed here, ValidationError {field: sentences} for what a field does not take, Refused for
    another customer who is archived and for the price or customer of a job that is on an invoice, NotAllowed for a job,
    or another customer, that is not in what was granted to ``by``.
    """
    if unknown := set(changes) - EDITABLE:
        raise KeyError(f"not changed by update_job: {sorted(unknown)}")
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        changed = []
        for name, value in _with_prices(job, changes).items():
            if name == "values":
                value = _merged_values(job, value, use)
            elif name == "external_id":
                value = value or None
            elif name == "notes":
                # Sent back as they were read, with the address in them, they say what they said.
                value = hide_addresses(value, job, name)
            if getattr(job, name) != value:
                setattr(job, name, value)
                changed.append(name)
        if job.is_billed and any(name in changed for name in BILLED):
            raise Refused(why_as_billed(job))
        if "customer" in changed:
            if job.customer.archived_at is not None:
                raise Refused(_("%s is archived: it gets no new jobs.") % job.customer)
            # Why it was cancelled was said while it was somebody else's: it stays in their history.
            job.cancellation_reason = ""
        if PLACE & set(changed) and "address_to_check" not in changes:
            job.address_to_check = False
        if changed:
            require_sane_jobs([job])
            if "external_id" in changed:
                one_at_a_time()  # nobody takes the ID meanwhile
                require_free_external_ids([job.external_id])
            job.search_text = search_text_of(job)
            job.save()
            # It may be another customer's now.
            require_reach(by, job)
            record_event(job, JobChanged(tuple(changed)))
        return job


def _with_prices(job: Job, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with what follows for lines and amount: with lines, the amount is their total."""
    changes = dict(changes)
    if "price_lines" in changes:
        lines = changes["price_lines"] = clean_lines(changes["price_lines"] or [])
        if lines:
            changes["amount"] = total_of(lines)
        elif job.price_lines:
            changes.setdefault("amount", None)
    elif "amount" in changes and changes["amount"] != job.amount:
        changes["price_lines"] = []
    return changes


def _merged_values(job: Job, given: Mapping[str, object], use: str) -> dict[str, Value]:
    if job.blueprint is None:
        if given:
            raise ValidationError({"values": _("A job without a template has no fields.")})
        return {}
    # What she may not set stays as it is, whatever she sends.
    unknown = set(given) - {field.key for field in job.field_definitions()}
    fields = [field for field in job.field_definitions() if field.key in given and field.may_be_set(use)]
    ours = {field.key for field in fields}
    kept = {key: value for key, value in job.values.items() if key not in ours}
    cleaned = clean_values(fields, {key: given[key] for key in ours | unknown}, use=use, others=kept)
    merged = kept | cleaned
    conditional = {field.key: field for field in job.field_definitions() if field.shown_when}
    return {key: value for key, value in merged.items() if key not in conditional or is_shown(conditional[key], merged)}


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


def ask_for_change(job: Job, *, by: By, kind: ChangeRequest.Kind, reason: str) -> ChangeRequest:
    """Leaves a change request for the office; asking again adds to the one that waits. Raises Refused without one."""
    if not reason.strip():
        raise Refused(_("Please say why, so that the office can answer."))
    with transaction.atomic(), acting(by=by, reason=reason):
        job = locked(job, by=by)
        if not job.is_open:
            raise Refused(_("This job is over."))
        request, made = ChangeRequest.objects.get_or_create(
            job=job,
            kind=kind,
            state=ChangeRequest.State.WAITING,
            defaults={"reason": reason, "asked_by": by if isinstance(by, User) else None},
        )
        if not made and reason not in request.reason:
            request.reason = f"{request.reason}\n{reason}"
            request.save()
        record_event(job, ChangeRequested(asks_to=str(kind), reason=reason))
        return request


def ask_to_cancel_job(job: Job, *, by: By, reason: str) -> Job | ChangeRequest:
    """A customer's cancellation: done before the cut-off, after it a change request."""
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        if past_cutoff(job, "cancel", PortalSettings.load()):
            return ask_for_change(job, by=by, kind=ChangeRequest.Kind.CANCEL, reason=reason)
        return cancel_job(job, by=by, reason=reason)


def answer_change_request(request: ChangeRequest, *, by: By, accept: bool, answer: str = "") -> ChangeRequest:
    """The office's yes or no. Yes to a cancellation cancels the job; yes to a change leaves the change to the office.

    Raises Refused when it was answered before, when a no comes without a word, and when the job can no longer be
    cancelled.
    """
    if not accept and not answer.strip():
        raise Refused(_("Please say why not: the customer reads it."))
    with transaction.atomic(), acting(by=by, reason=answer or None):
        job = locked(request.job, by=by)
        request = ChangeRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        if request.state != ChangeRequest.State.WAITING:
            raise Conflict(_("This request was answered already: %s.") % request.get_state_display().lower())
        if accept and request.kind == ChangeRequest.Kind.CANCEL:
            cancel_job(job, by=by, reason=request.reason)
        request.state = ChangeRequest.State.ACCEPTED if accept else ChangeRequest.State.DECLINED
        request.answer, request.answered_at = answer.strip(), timezone.now()
        request.answered_by = by if isinstance(by, User) else None
        request.save()
        record_event(job, ChangeAnswered(asked_to=request.kind, accepted=accept, answer=request.answer))
        return request


def delete_job(job: Job, *, by: By, reason: str = "") -> None:
    """Removes a job for good, its events, links and files with it; its history stays.

    Raises Refused when something that must stay hangs on it, an invoice for one.
    """
    with transaction.atomic(), acting(by=by, reason=reason or None):
        job = locked(job, by=by)
        # Whoever is just writing a message about one of them comes first.
        list(JobEvent.objects.select_for_update(of=("self",)).filter(job=job).values_list("pk"))
        forget_files({job.pk})
        try:
            job.delete()
        except ProtectedError as error:
            held_by = ", ".join(sorted({str(record) for record in error.protected_objects})[:3])
            raise Refused(
                _("%(number)s cannot be deleted: %(records)s hang on it. Cancel it instead.")
                % {"number": job.number, "records": held_by}
            ) from error
