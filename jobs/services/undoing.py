"""Taking back what one act did to jobs: only what nobody has touched since."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import CASCADE, PROTECT, Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from audit.act import acting
from audit.changelog import history_of
from audit.removal import delete_many
from console.reach import require_reach_of_keys
from jobs.models import ChangeRequest, Job, JobEvent, PortalLink
from jobs.services.changes import EDITABLE, update_job
from jobs.services.files import forget_files
from templates_app.services import By

# What a job is made with, and what is asked about by itself.
KNOWN = (JobEvent, PortalLink, ChangeRequest)


def lock_jobs(keys: Collection[int]) -> set[int]:
    """Keys of those of the jobs that are there, locked until the transaction ends: nobody touches them meanwhile."""
    if not keys:
        return set()
    jobs = Job.objects.select_for_update(of=("self",)).filter(pk__in_set=set(keys)).order_by("pk")
    return set(jobs.values_list("pk", flat=True))


def touched_since(keys: Collection[int], request_id: uuid.UUID) -> dict[int, str]:
    """Jobs something happened to after the act with that request id: {key: who and when, in words}.

    What would go along with a job (its files, stops, a customer's alerts) counts where the act made the job: one that
    is only changed back loses nothing. A few queries, whatever the number of jobs. Who only looks at a job has not
    touched it.
    """
    if not keys:
        return {}
    keys = set(keys)
    touched: dict[int, str] = {}
    for row in _later(history_of(Job).model.objects, "id", "history_id", keys, request_id):
        touched[row.id] = _("changed by %(who)s on %(when)s") % {"who": row.actor, "when": _words(row.history_date)}
    happened: dict[int, str] = {}
    for event in _later(JobEvent.objects, "job_id", "id", keys, request_id):
        words = {"what": event.get_kind_display(), "who": event.actor, "when": _words(event.at)}
        happened[event.job_id] = _("“%(what)s” by %(who)s on %(when)s") % words
    touched = happened | touched
    for key in ChangeRequest.objects.filter(job__in_set=keys).values_list("job_id", flat=True):
        touched.setdefault(key, _("a customer asked for a change"))
    for relation in Job._meta.related_objects:
        if relation.on_delete is PROTECT:
            words_of_it = relation.related_model._meta.verbose_name
            using = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in_set": keys})
            for key in using.values_list(relation.field.attname, flat=True):
                touched.setdefault(key, _("used by: %s") % words_of_it)
    for key, what in _would_be_lost(keys, request_id).items():
        touched.setdefault(key, _("added or changed since: %s") % what)
    return touched


def _would_be_lost(keys: set[int], request_id: uuid.UUID) -> dict[int, str | Promise | None]:
    """Of the jobs that act made, those with something that goes along with them and is not the act's: {key: what}."""
    lost: dict[int, str | Promise | None] = {}
    for relation in Job._meta.related_objects:
        model = relation.related_model
        if relation.on_delete is not CASCADE or model in KNOWN:
            continue
        hanging = model._base_manager.filter(**{f"{relation.field.name}__in_set": keys})
        for key in hanging.order_by().values_list(relation.field.attname, flat=True):
            lost.setdefault(key, model._meta.verbose_name)
    links = history_of(PortalLink).model.objects.filter(job__in_set=keys).exclude(request_id=request_id)
    for key in links.order_by().values_list("job_id", flat=True):
        lost.setdefault(key, PortalLink._meta.verbose_name)
    if not lost:
        return {}
    rows = history_of(Job).model.objects.filter(id__in_set=set(lost), request_id=request_id, history_type="+")
    made = set(rows.order_by().values_list("id", flat=True))
    return {key: what for key, what in lost.items() if key in made}


def _later(rows: models.Manager[Any], job: str, order: str, keys: Collection[int], request_id: uuid.UUID) -> list[Any]:
    """The newest of what somebody else wrote about each of these jobs, if the act wrote nothing after it."""
    name = job.removesuffix("_id")
    others = rows.filter(**{f"{name}__in_set": keys}).exclude(request_id=request_id).order_by(order)
    newest = dict(others.values_list(job, order))
    if not newest:
        return []
    ours = rows.filter(**{f"{name}__in_set": list(newest)}, request_id=request_id).order_by().values_list(job)
    last = dict(ours.annotate(Max(order)))
    younger = [key for about, key in newest.items() if key > last.get(about, 0)]
    return list(rows.filter(**{f"{order}__in": younger}))


def _words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def restore_before(job: Job, request_id: uuid.UUID, *, by: By) -> Job:
    """Gives a job back what it said before the act with that request id, by the same rules as a change by hand."""
    rows = job.history.order_by("history_id")
    first = rows.filter(request_id=request_id).first()
    before = rows.filter(history_id__lt=first.history_id).last() if first else None
    if before is None:
        return job
    names = [f.name for f in Job._meta.fields if f.name in EDITABLE]
    changes = {name: getattr(before, name) for name in names if getattr(before, name) != getattr(first, name)}
    if "values" in changes:
        # A value that was not there before is taken away again.
        changes["values"] = {key: before.values.get(key) for key in {**first.values, **before.values}}
    return update_job(job, changes, by=by)


def delete_jobs(keys: Collection[int], *, by: By) -> None:
    """Removes jobs for good, their events, links and files with them; their history stays. In sets.

    They are locked (``lock_jobs``): nobody may write an event of a job that is on its way out.
    """
    if not keys:
        return
    require_reach_of_keys(by, Job, keys)
    with transaction.atomic(), acting(by=by):
        forget_files(keys)
        delete_many(Job, keys)
