"""Taking back what one act did to jobs: only what nobody has touched since."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import PROTECT, Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.act import acting
from audit.changelog import history_of
from jobs.models import ChangeRequest, Job, JobEvent
from jobs.services.changes import EDITABLE, update_job


def touched_since(keys: Collection[int], request_id: uuid.UUID) -> dict[int, str]:
    """Jobs something happened to after the act with that request id: {key: who and when, in words}.

    A few queries, whatever the number of jobs. Who only looks at a job has not touched it.
    """
    touched: dict[int, str] = {}
    history = history_of(Job)
    for key, row in _later(history.model.objects, "id", "history_id", keys, request_id).items():
        touched[key] = _("changed by %(who)s on %(when)s") % {"who": row.actor, "when": _words(row.history_date)}
    for key, event in _later(JobEvent.objects, "job_id", "id", keys, request_id).items():
        touched.setdefault(
            key,
            _("“%(what)s” by %(who)s on %(when)s")
            % {"what": event.get_kind_display(), "who": event.actor, "when": _words(event.at)},
        )
    for key in ChangeRequest.objects.filter(job__in=keys).values_list("job_id", flat=True):
        touched.setdefault(key, _("a customer asked for a change"))
    for relation in Job._meta.related_objects:
        if relation.on_delete is PROTECT:  # type: ignore[attr-defined]
            name = relation.field.attname
            words = relation.related_model._meta.verbose_name
            for key in relation.related_model._base_manager.filter(**{f"{name}__in": keys}).values_list(
                name, flat=True
            ):
                touched.setdefault(key, _("used by: %s") % words)
    return touched


def _later(
    rows: models.Manager[Any], job: str, order: str, keys: Collection[int], request_id: uuid.UUID
) -> dict[int, Any]:
    """The newest row of each job that is younger than what the act wrote about it."""
    about = rows.filter(**{f"{job}__in": keys}).order_by()
    newest = dict(about.values_list(job).annotate(Max(order)))
    ours = dict(about.filter(request_id=request_id).values_list(job).annotate(Max(order)))
    younger = [key for job_id, key in newest.items() if key > ours.get(job_id, 0)]
    return {getattr(row, job): row for row in rows.filter(**{f"{order}__in": younger})}


def _words(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def restore_before(job: Job, request_id: uuid.UUID, *, by: Any) -> Job:
    """Gives a job back what it said before the act with that request id, by the same rules as a change by hand."""
    rows = job.history.order_by("history_id")  # type: ignore[attr-defined]
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


def delete_jobs(jobs: Sequence[Job], *, by: Any) -> None:
    """Removes jobs for good, their events and links with them; their history stays."""
    with transaction.atomic(), acting(by=by):
        Job.objects.filter(pk__in=[job.pk for job in jobs]).delete()
