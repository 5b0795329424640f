"""Workers: put away rather than deleted."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import Worker
from audit.act import acting
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
    hanging = []
    for relation in worker._meta.related_objects:
        name = relation.get_accessor_name()
        if relation.hidden or not name or not relation.multiple:
            continue
        count = getattr(worker, name).count()
        if count:
            meta = relation.related_model._meta  # type: ignore[union-attr]
            hanging.append(f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}")
    if hanging:
        raise Refused(
            _("%(worker)s cannot be deleted: %(hanging)s. Archive instead.")
            % {"worker": worker, "hanging": ", ".join(hanging)}
        )
    with transaction.atomic(), acting(by=by):
        try:
            worker.delete()
        except ProtectedError as error:
            raise Refused(_("%s has work by now. Archive instead.") % worker) from error
