"""What scheduling or assigning many jobs would come to, job by job, before anything is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User, Worker
from audit.private_hooks import copy_of_loaded
from jobs.models import Job
from jobs.querysets import LONGEST
from jobs.transitions import is_possible
from jobs.windows import moved_window

# More jobs than this are counted, not listed.
LISTED = 40


def scheduled_plan(
    jobs: Sequence[Job], start: datetime, worker: Worker | None, *, in_a_row: bool
) -> tuple[list[Job], list[Job]]:
    """Copies of the jobs as they would stand, in order, and those whose state rules it out."""
    planned, left = [], []
    for job in jobs:
        if not is_possible("schedule", job.status):
            left.append(job)
            continue
        made = _copy(job, worker)
        made.planned_start, made.window_end = start, moved_window(job.planned_start, job.window_end, start)
        planned.append(made)
        if in_a_row:
            start = start + timedelta(minutes=job.duration_minutes)
    return planned, left


def assigned_plan(jobs: Sequence[Job], worker: Worker | None) -> tuple[list[Job], list[Job]]:
    """The same for giving them to a worker, or to nobody."""
    planned = [_copy(job, worker, nobody=worker is None) for job in jobs if job.is_open]
    return planned, [job for job in jobs if not job.is_open]


def _copy(job: Job, worker: Worker | None, nobody: bool = False) -> Job:
    made = copy_of_loaded(job)
    if worker is not None or nobody:
        made.worker = worker
    return made


def in_sentences(planned: Sequence[Job], left: Sequence[Job], user: User | AnonymousUser) -> list[str]:
    """Each job with its time, its worker and what is wrong with it; problems first. Two queries.

    ``user``: who reads it. Jobs she may not see are not named.
    """
    clashes = clashes_of(planned)
    seen = numbers_seen({other.pk for others in clashes.values() for other in others}, user)
    said = [f"{job.number}: {_('stays as it is (%s).') % job.get_status_display().lower()}" for job in left[:LISTED]]
    for job in planned:
        if others := clashes.get(job.pk):
            said.append(f"{_line(job)} {_clash_words(others, seen)}")
    said += [_line(job) for job in planned if job.pk not in clashes]
    more = len(said) - LISTED
    if more > 0:
        said = [*said[:LISTED], ngettext("and %d more job.", "and %d more jobs.", more) % more]
    return said


def _line(job: Job) -> str:
    when = _("no time yet")
    if job.planned_start and job.planned_end:
        first, last = localtime(job.planned_start), localtime(job.planned_end)
        when = f"{date_format(first, 'D j M, H:i')}–{date_format(last, 'H:i')}"
    return f"{job.number}: {when}, {job.worker or _('nobody yet')}."


def _clash_words(others: Sequence[Job], seen: Collection[int]) -> str:
    return _("Clashes with %s.") % numbers_in_words(others, seen)


def numbers_in_words(others: Sequence[Job], seen: Collection[int]) -> str:
    """The first few jobs by number, those not seen as such."""
    return ", ".join(other.number if other.pk in seen else _("another job") for other in others[:3])


def numbers_seen(keys: Collection[int], user: User | AnonymousUser) -> set[int]:
    """Which of these jobs this person may see."""
    return set(Job.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()


def clashes_of(planned: Sequence[Job]) -> dict[int, list[Job]]:
    """{key: the worker's other jobs at the same time}, among the planned ones and those that stand already."""
    timed = [job for job in planned if job.worker_id and job.planned_start]
    if not timed:
        return {}
    starts = [job.planned_start for job in timed if job.planned_start]
    ends = [job.planned_end for job in timed if job.planned_end]
    workers = {job.worker_id for job in timed}
    standing = (
        Job.objects.open()
        .filter(Q(worker__in=workers), planned_start__lt=max(ends), planned_start__gt=min(starts) - LONGEST)
        .exclude(pk__in=[job.pk for job in planned])
    )
    by_worker: dict[int | None, list[Job]] = {}
    for job in [*standing, *timed]:
        by_worker.setdefault(job.worker_id, []).append(job)
    found = {}
    for job in timed:
        others = [other for other in by_worker[job.worker_id] if other.pk != job.pk and _overlap(job, other)]
        if others:
            found[job.pk] = sorted(others, key=lambda other: (other.planned_start, other.pk))
    return found


def _overlap(one: Job, other: Job) -> bool:
    if not (one.planned_start and one.planned_end and other.planned_start and other.planned_end):
        return False
    return one.planned_start < other.planned_end and other.planned_start < one.planned_end
