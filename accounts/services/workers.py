"""Workers: put away rather than deleted."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import Worker
from audit.act import acting
from permissions.deleting import insist_nothing_keeps, why_kept
from permissions.errors import Refused


def archive_worker(worker: Worker, *, by: Any, reason: str = "") -> Worker:
    """She gets no new jobs, and her tokens open nothing. What she has, and what she did, stays."""
    return _set_active(worker, False, _("%s is archived already."), by=by, reason=reason)


def restore_worker(worker: Worker, *, by: Any, reason: str = "") -> Worker:
    """She works here again; tokens that were not revoked open again."""
    return _set_active(worker, True, _("%s is not archived."), by=by, reason=reason)


def _set_active(worker: Worker, is_active: bool, already: str, *, by: Any, reason: str) -> Worker:
    with transaction.atomic(), acting(by=by, reason=reason or None):
        worker = Worker.objects.select_for_update(of=("self",)).get(pk=worker.pk)
        if worker.is_active == is_active:
            raise Refused(already % worker)
        worker.is_active = is_active
        worker.save()
        return worker


def delete_worker(worker: Worker, *, by: Any) -> None:
    """Deletes a worker who was made by mistake. Raises Refused, with the reason, when anything hangs on her."""
    insist_nothing_keeps(worker)
    with transaction.atomic(), acting(by=by):
        try:
            worker.delete()
        except ProtectedError as error:
            # It came between the question and the deed.
            raise Refused(why_kept(worker)) from error
