"""Jobs name their contact as it was agreed when they were made; what is still open follows when somebody says so."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_update_with_history

from accounts.contact_changes import ContactChange, ContactChanges, ContactFacts
from audit.act import acting
from audit.changelog import history_of
from audit.wording import for_the_record
from console.reach import only_within_reach
from console.reader import reader_for
from jobs.models import Job
from jobs.models.payloads import JobChanged
from jobs.querysets import JobQuerySet
from jobs.services.recording import new_event, record_job_events, search_text_of
from jobs.services.sanity import require_sane_jobs
from templates_app.services import By

_CONTACT = ("contact_name", "contact_email", "contact_phone")
_FOLLOWED = _("The contact changed at the customer")
# So many are written at once.
PIECE = 500


def jobs_to_change(changes: ContactChanges, *, by: By) -> list[Job]:
    """The open jobs that name a contact as it was, of those that ``by`` may see and work with. One query."""
    return [job for job in _open_jobs(changes, by) if _anew(job, changes[job.customer_id])]


def change_contacts_of_jobs(changes: ContactChanges, *, by: By) -> int:
    """Has these jobs name their contact as it is now; returns how many. One event and one row of history for each.

    Where a job says something of its own (another telephone), it keeps that.
    """
    with transaction.atomic(), acting(by=by, reason=for_the_record(_FOLLOWED)):
        locked = _open_jobs(changes, by).select_for_update(of=("self",)).order_by("pk")
        return _save([(job, anew) for job in locked if (anew := _anew(job, changes[job.customer_id]))])


def restore_contacts_of_jobs(customers: Collection[int], request_id: uuid.UUID, *, by: By) -> int:
    """Has jobs of these customers (primary keys) name the contact they named before the act with that request id.

    Those stay whose contact somebody changed since, or which are beyond the reach of ``by``. Returns how many.
    """
    rows = history_of(Job).model.objects.order_by("history_id")
    ours = rows.filter(request_id=request_id, customer_id__in=customers, history_type="~")
    first: dict[int, int] = {}
    given: dict[int, _ContactNames] = {}
    for row in ours:
        first.setdefault(row.id, row.history_id)
        given[row.id] = row
    before: dict[int, _ContactNames] = {}
    for row in rows.filter(id__in=given):
        if row.history_id < first[row.id]:
            before[row.id] = row
    with transaction.atomic(), acting(by=by):
        there = only_within_reach(by, Job.objects.filter(pk__in=before)).select_related("customer")
        restored = []
        for job in there.select_for_update(of=("self",)).order_by("pk"):
            now, old = _contact_of(job), _contact_of(before[job.pk])
            if now == _contact_of(given[job.pk]) and old != now:
                restored.append((job, {name: value for name, value in old.items() if value != now[name]}))
        return _save(restored)


class _ContactNames(Protocol):
    """What names a contact: a job, or a row of its history."""

    contact_name: str
    contact_email: str
    contact_phone: str


def _contact_of(job: _ContactNames) -> dict[str, str]:
    return {"contact_name": job.contact_name, "contact_email": job.contact_email, "contact_phone": job.contact_phone}


def _open_jobs(changes: ContactChanges, by: By) -> JobQuerySet:
    customers = [key for key, some in changes.items() if some]
    rows: JobQuerySet = reader_for(by).rows(Job.objects.filter(customer__in=customers).open())
    return only_within_reach(by, rows).select_related("customer")


def _save(jobs: Sequence[tuple[Job, dict[str, str]]]) -> int:
    for job, anew in jobs:
        for name, value in anew.items():
            setattr(job, name, value)
        job.search_text = search_text_of(job)
    changed = [job for job, _anew_facts in jobs]
    require_sane_jobs(changed)
    if changed:
        columns = [*_CONTACT, "search_text"]
        bulk_update_with_history(changed, Job, columns, batch_size=PIECE, manager=Job._base_manager)
        record_job_events([new_event(job, JobChanged(tuple(anew))) for job, anew in jobs])
    return len(changed)


def _anew(job: Job, changes: Iterable[ContactChange]) -> dict[str, str]:
    """What a job is to say of its contact instead: {field: value}; nothing when it does not name one that changed."""
    now = ContactFacts(*_contact_of(job).values())
    for change in changes:
        if not _is_same_person(now, change):
            continue
        facts = zip(_CONTACT, vars(now).values(), vars(change.old).values(), vars(change.new).values(), strict=True)
        # What said the old says the new.
        if anew := {name: new for name, said, old, new in facts if said and _same(said, old) and said != new}:
            return anew
    return {}


def _is_same_person(named: ContactFacts, change: ContactChange) -> bool:
    """By the first of these that both have: e-mail, telephone, name; nobody with a colleague's name."""
    if named.name.casefold() in change.others:
        return False
    for ours, theirs in (
        (named.email, change.old.email),
        (named.phone, change.old.phone),
        (named.name, change.old.name),
    ):
        if ours and theirs:
            return _same(ours, theirs)
    return False


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
