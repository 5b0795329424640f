"""Taking back what a run did to jobs, and what it made along with them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence

from accounts.models import User
from accounts.services.named_customers import delete_unused_customers
from console.reach import keys_beyond_reach
from imports.choices import RowState
from imports.kinds.base import Undone, UndoneAlong, WrittenRow, beyond_reach
from jobs.models import Job
from jobs.services import delete_jobs, lock_jobs, restore_before, touched_since
from templates_app.services import delete_unused_templates


def undo_jobs(
    rows: Sequence[WrittenRow],
    request_id: uuid.UUID,
    *,
    by: User,
    names_of_kept: Callable[[Collection[int]], dict[int, str]],
) -> Undone:
    """Removes and changes back the jobs of these rows, but for those somebody touched since the run."""
    undone = Undone()
    by_job = {row.object_id: row for row in rows if row.object_id is not None}
    there = lock_jobs(by_job.keys())
    beyond = keys_beyond_reach(by, Job, there)
    touched = touched_since(there - beyond, request_id) | dict.fromkeys(beyond, beyond_reach())
    undone.done += [row.pk for key, row in by_job.items() if key not in there]
    numbers = names_of_kept(touched)
    gone: list[int] = []
    back: list[int] = []
    for key in there:
        if key in touched:
            undone.kept.append((numbers[key], touched[key]))
        else:
            (gone if by_job[key].state == RowState.MADE else back).append(key)
    delete_jobs(gone, by=by)
    for job in Job.objects.filter(pk__in=back).select_related("blueprint", "customer") if back else ():
        restore_before(job, request_id, by=by)
    undone.removed, undone.restored = len(gone), len(back)
    undone.done += [by_job[key].pk for key in (*gone, *back)]
    return undone


def kept_jobs(keys: Sequence[int], request_id: uuid.UUID, *, by: User) -> int:
    """How many of these jobs an undo would leave."""
    beyond = keys_beyond_reach(by, Job, keys)
    return len(touched_since(set(keys) - beyond, request_id)) + len(beyond)


def undo_rest_of_jobs(request_id: uuid.UUID, *, by: User) -> UndoneAlong:
    """Removes the customers and templates that a run of jobs made and nobody uses."""
    customers = delete_unused_customers(request_id, by=by)
    templates, kept = delete_unused_templates(request_id, by=by)
    return UndoneAlong({"customers": customers, "templates": templates}, kept)
