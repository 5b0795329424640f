"""Workers: saved with whom they are, put away rather than deleted."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User, Worker
from accounts.models.people import Anyone
from accounts.services.staff import may_touch, require_right_to_manage
from audit.act import acting
from console.deleting import require_deletable, why_kept
from console.errors import Refused
from console.reader import reader_for


def save_worker(worker: Worker, *, by: Anyone | None) -> Worker:
    """Saves a new worker, or a changed one.

    What a worker does on her telephone is written down by the name of her account. Raises NotAllowed for an account
    that may do or reach more than ``by``, Refused for one of nobody on the staff. The one she has already may stay.
    """
    with transaction.atomic(), acting(by=by):
        if worker.user is not None and not Worker.objects.filter(pk=worker.pk, user=worker.user).exists():
            if not worker.user.is_staff:
                raise Refused(_("%s is not a member of staff.") % worker.user)
            require_right_to_manage(worker.user, by)
        worker.save()
        return worker


def accounts_for(worker: Worker | None, *, by: Anyone | None) -> QuerySet[User]:
    """The accounts that ``by`` may name as that worker's: what ``save_worker`` takes."""
    staff = User.objects.filter(is_staff=True)
    manageable = [user.pk for user in staff if may_touch(user, by)]
    return (
        staff.filter(Q(pk__in=manageable) | Q(worker=worker)) if worker is not None else staff.filter(pk__in=manageable)
    )


def archive_worker(worker: Worker, *, by: Anyone | None, reason: str = "") -> Worker:
    """She gets no new jobs, and her tokens open nothing. What she has, and what she did, stays."""
    return _set_active(worker, False, _("%s is archived already."), by=by, reason=reason)


def restore_worker(worker: Worker, *, by: Anyone | None, reason: str = "") -> Worker:
    """She works here again; tokens that were not revoked open again."""
    return _set_active(worker, True, _("%s is not archived."), by=by, reason=reason)


def _set_active(worker: Worker, is_active: bool, already: str, *, by: Anyone | None, reason: str) -> Worker:
    with transaction.atomic(), acting(by=by, reason=reason or None):
        worker = Worker.objects.select_for_update(of=("self",)).get(pk=worker.pk)
        if worker.is_active == is_active:
            raise Refused(already % worker)
        worker.is_active = is_active
        worker.save()
        return worker


def delete_worker(worker: Worker, *, by: Anyone | None) -> None:
    """Deletes a worker who was made by mistake. Raises Refused, with the reason, when anything hangs on her."""
    require_deletable(worker, reader_for(by))
    with transaction.atomic(), acting(by=by):
        try:
            worker.delete()
        except ProtectedError as error:
            # It came between the question and the action.
            raise Refused(why_kept(worker, reader_for(by))) from error
