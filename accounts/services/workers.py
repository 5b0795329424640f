"""Workers: switched off rather than deleted."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import Worker
from audit.act import acting
from permissions.errors import Refused


def why_not_deleted(worker: Worker) -> str:
    """What keeps a worker from being deleted, in a sentence with numbers; empty when nothing does."""
    hanging = []
    for relation in worker._meta.related_objects:
        if relation.on_delete is not models.PROTECT:
            continue
        meta = relation.related_model._meta  # type: ignore[union-attr]
        count = relation.related_model._base_manager.filter(**{relation.field.name: worker}).count()  # type: ignore[union-attr]
        if count:
            hanging.append(f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}")
    if not hanging:
        return ""
    return _("%(worker)s cannot be deleted: %(hanging)s. Untick “active” instead, then no new jobs come.") % {
        "worker": worker,
        "hanging": ", ".join(hanging),
    }


def delete_worker(worker: Worker, *, by: Any) -> None:
    """Deletes a worker nothing hangs on, with tokens and positions. Raises Refused, naming what does."""
    with transaction.atomic(), acting(by=by):
        if sentence := why_not_deleted(worker):
            raise Refused(sentence)
        worker.delete()
