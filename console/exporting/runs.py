"""Long lists, written by the worker: asked for, written, kept for a while, handed to whoever asked and nobody else."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, models, transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.changelog import history_of
from audit.conventions import CONVENTIONS, convention_of, usual_convention
from background.claims import Lost
from background.waking import wake, wake_after_commit
from console.addresses import UnknownParameter, left_out
from console.errors import NotAllowed, Refused
from console.exporting.formats import FORMATS, write_rows
from console.exporting.lists import ListExports, file_name_of
from console.hooks import OTHER_LISTS, PORTAL_PEOPLE, Table
from console.models import ListExport
from console.scope import reach_of
from console.storage import no_room_in_words

if TYPE_CHECKING:
    from audit.private_hooks import Account

    # Whoever asks for a file. By its type an account may also be nobody's; by its rights it never is.
    Owner = Account | AnonymousUser

# How many files one person may have waiting, so that an impatient one does not fill the disk.
AT_A_TIME = 5
logger = logging.getLogger(__name__)


def request_export(
    *, source: str, title: str, query: str, columns: Sequence[str], format_name: str, by: Owner, convention: str = ""
) -> ListExport:
    """Has the worker write a list into a file. ``source``: a list ("jobs.job") or a name in OTHER_LISTS;
    ``convention``: by name; of none, the one that is usual for whoever asks now.

    Raises NotAllowed without the right, Refused when too many wait already.
    """
    if isinstance(by, AnonymousUser) or not by.has_perm("console.add_listexport"):
        raise NotAllowed(
            _("Lists of more than %d rows are not for you to take along. Narrow this one.")
            % settings.EXPORT_ROWS_AT_ONCE
        )
    if format_name not in FORMATS or (convention and convention not in CONVENTIONS):
        raise Refused(_("There is no such format."))
    with transaction.atomic():
        # Her own requests wait for each other here, or two clicks at once would both count the same files.
        get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        if ListExport.objects.filter(owner=by).waiting().count() >= AT_A_TIME:
            raise Refused(_("%d of your files are being written. Wait for one of them.") % AT_A_TIME)
        export = ListExport.objects.create(
            owner=by,
            source=source,
            title=title,
            query=query,
            columns=list(columns),
            format=format_name,
            convention=convention or usual_convention().name,
        )
        wake_after_commit(ListExport.TASK, export.pk)
        return export


def write_export(export_id: int) -> ListExport | None:
    """Writes one file, if it still waits or its worker died. None when there is nothing to do.

    The list is read anew, by the rights the owner has now. May be called at any time and twice at once.
    """
    claim = ListExport.take(ListExport.objects.abandoned(), export_id, state=ListExport.State.WRITING, rows_done=0)
    if claim is None:
        return None
    export = ListExport.objects.select_related("owner").get(pk=export_id)
    try:
        if export.tries > ListExport.TRIES:
            raise Refused(_("The file could not be written. Try a shorter list."))
        _write(export, claim)
    except Lost:
        return None
    except (Refused, NotAllowed) as refusal:
        _fail(export_id, claim, str(refusal))
    except (OperationalError, InterfaceError):
        raise
    except OSError:
        # The working file did not fit on the disk.
        logger.exception("Export %s stopped", export_id)
        _fail(export_id, claim, no_room_in_words())
    except Exception:
        logger.exception("Export %s stopped", export_id)
        _fail(export_id, claim, _("Something went wrong that should not have."))
    export.refresh_from_db()
    return export


def _fail(export_id: int, claim: uuid.UUID, problem: str) -> None:
    ListExport.beat(export_id, claim, state=ListExport.State.FAILED, problem=problem)


def _write(export: ListExport, claim: uuid.UUID) -> None:
    total, rows = table_of(export.source, export.owner, QueryDict(export.query), export.columns)
    beat = partial(ListExport.beat, export.pk, claim)
    beat(rows_total=total)
    kind = FORMATS[export.format]()
    with TemporaryFile() as file:
        written_as = convention_of(export.convention)
        count = write_rows(rows, file, export.format, lambda done: beat(rows_done=done), written_as)
        size = file.tell()
        file.seek(0)
        name = default_storage.save(f"exports/{uuid.uuid4().hex}.{kind.get_extension()}", File(file))
    now = timezone.now()
    try:
        beat(
            state=ListExport.State.READY,
            file=name,
            size=size,
            rows_done=count,
            rows_total=count,
            finished_at=now,
            expires_at=now + timedelta(days=settings.EXPORT_KEEP_DAYS),
        )
    except Lost:
        default_storage.delete(name)
        raise


def table_of(source: str, owner: Owner, query: QueryDict, columns: Sequence[str]) -> Table:
    """How many rows a source has for this person, and the rows. Raises NotAllowed when she may not see it any more."""
    require_right_to_list(source, owner)
    if other := OTHER_LISTS.get(source):
        return other.table(owner, query)
    page, request = _page_of(source), _request_of(owner)
    request.GET = query  # type: ignore[assignment]  # the stubs want one that can't be changed
    try:
        rows = page.get_export_queryset(request)
    except UnknownParameter:
        raise Refused(_impossible()) from None
    if left_out(request):
        raise Refused(_impossible())
    return rows.order_by().count(), page.export_rows(request, columns, rows)


def _impossible() -> str:
    return _("The filters of this list are no longer possible.")


def require_right_to_list(source: str, owner: Owner) -> None:
    """Raises NotAllowed unless this person may see the list."""
    if other := OTHER_LISTS.get(source):
        may = owner.has_perm(other.permission)
    else:
        may = _page_of(source).has_export_permission(_request_of(owner))
    if not (may and owner.is_active and owner.is_staff):
        raise NotAllowed(_("You may not see this list any more."))


def _page_of(source: str) -> ListExports[models.Model]:
    page = admin.site.get_model_admin(apps.get_model(source))
    assert isinstance(page, ListExports)
    return page


def _request_of(owner: Owner) -> HttpRequest:
    request = HttpRequest()
    request.method, request.user = "GET", owner
    return request


def file_of(export: ListExport, *, by: Owner) -> tuple[File[bytes], str]:
    """The file, opened, and what to call it. Raises Refused when it is not there (yet), or not hers to read any more.

    Who lost the right to a list since loses the file as well, and so does who was narrowed since, or lost a grant.
    """
    if export.owner_id != by.pk or export.state != ListExport.State.READY:
        raise Refused(_("There is no such file."))
    if export.is_expired or not default_storage.exists(str(export.file.name)):
        kept = settings.EXPORT_KEEP_DAYS
        words = ngettext(
            "This file was kept for %d day and is gone. Export the list again.",
            "This file was kept for %d days and is gone. Export the list again.",
            kept,
        )
        raise Refused(words % kept)
    try:
        require_right_to_list(export.source, by)
    except NotAllowed as refusal:
        raise Refused(str(refusal)) from None
    if _reaches_less_than_then(by, export.finished_at or export.asked_at):
        raise Refused(_("You see less now than when this file was written. Export the list again."))
    ending = FORMATS[export.format]().get_extension()
    day = timezone.localdate(export.finished_at)
    return default_storage.open(str(export.file.name), "rb"), f"{file_name_of(export.title, day)}.{ending}"


def _reaches_less_than_then(user: Owner, then: datetime) -> bool:
    """Was this person narrowed after that moment, or a grant taken from her? What nobody knows counts as yes."""
    reach = reach_of(user)
    if not reach.limited:
        return False
    past = (
        history_of(get_user_model())
        .filter(id=user.pk, history_date__lte=then)
        .order_by("history_date", "history_id")
        .last()
    )
    if (
        past is None
        or (reach.customers_limited and not past.only_granted_customers)
        or (reach.templates_limited and not past.only_granted_templates)
    ):
        return True
    taken = {"user": user.pk, "history_type": "-", "history_date__gt": then}
    return any(history_of(model).filter(**taken).exists() for model in PORTAL_PEOPLE.get().grants().values())


def delete_export(export: ListExport) -> None:
    """Forgets an export and its file; one that is being written stops."""
    name = str(export.file.name or "")
    with transaction.atomic():
        ListExport.objects.filter(pk=export.pk).delete()
        if name:
            transaction.on_commit(lambda: default_storage.delete(name))


def sweep_exports() -> None:
    """Wakes a worker for what nobody writes, and forgets what was kept long enough."""
    now = timezone.now()
    for export in ListExport.objects.filter(expires_at__lt=now):
        delete_export(export)
    old = now - timedelta(days=settings.EXPORT_KEEP_DAYS)
    for export in ListExport.objects.filter(state=ListExport.State.FAILED, asked_at__lt=old):
        delete_export(export)
    for export_id in ListExport.objects.abandoned().values_list("pk", flat=True):
        wake(ListExport.TASK, export_id)
