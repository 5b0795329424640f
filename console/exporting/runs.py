"""Long lists, written by the worker: asked for, written, kept for a while, handed to whoever asked and nobody else."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from tempfile import TemporaryFile
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.changelog import history_of
from console.addresses import UnknownParameter, left_out
from console.errors import NotAllowed, Refused
from console.exporting.formats import FORMATS, write_rows
from console.exporting.lists import file_name_of
from console.models import ListExport
from console.portal_people import portal_people
from console.scope import reach_of

WRITE = "console.tasks.write_export"
# After this long without a sign of life its worker is taken for dead; after so many of them we give up.
SILENCE, TRIES = timedelta(minutes=2), 3
# How many files one person may have waiting, so that an impatient one does not fill the disk.
AT_A_TIME = 5
logger = logging.getLogger(__name__)

# How many rows (0: nobody counted), and the rows themselves, headings first.
Table = tuple[int, Iterator[list[str]]]


@dataclass(frozen=True)
class Other:
    """What is no list of a model, and can be had as a file all the same: for whom, and what, by its address."""

    permission: str
    table: Callable[[Any, QueryDict], Table]


# Filled by the pages that offer it: name -> what.
OTHERS: dict[str, Other] = {}


def request_export(
    *, source: str, title: str, query: str, columns: Sequence[str], format_name: str, by: Any
) -> ListExport:
    """Has the worker write a list into a file. ``source``: a list ("jobs.job") or a name in OTHERS.

    Raises NotAllowed without the right, Refused when too many wait already.
    """
    if not by.has_perm("console.add_listexport"):
        raise NotAllowed(
            _("Lists of more than %d rows are not for you to take along. Narrow this one.")
            % settings.EXPORT_ROWS_AT_ONCE
        )
    if format_name not in FORMATS:
        raise Refused(_("There is no such format."))
    with transaction.atomic():
        # Her own requests wait for each other here, or two clicks at once would both count the same files.
        get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        if ListExport.objects.filter(owner=by).waiting().count() >= AT_A_TIME:
            raise Refused(_("%d of your files are being written. Wait for one of them.") % AT_A_TIME)
        export = ListExport.objects.create(
            owner=by, source=source, title=title, query=query, columns=list(columns), format=format_name
        )
        transaction.on_commit(partial(_wake, export.pk))
        return export


def _wake(export_id: int) -> None:
    try:
        current_app.send_task(WRITE, [export_id], retry=False, ignore_result=True)
    except Exception as error:  # whatever ails the broker must not fail the request; the sweep comes by
        logger.warning("no broker (%s: %s): the sweep will write export %s", type(error).__name__, error, export_id)


def write_export(export_id: int) -> ListExport | None:
    """Writes one file, if it still waits or its worker died. None when there is nothing to do.

    The list is read anew, by the rights the owner has now. May be called at any time and twice at once.
    """
    claim = uuid.uuid4()
    free = Q(state=ListExport.State.WAITING) | Q(
        state=ListExport.State.WRITING, heartbeat_at__lt=timezone.now() - SILENCE
    )
    taken = ListExport.objects.filter(free, pk=export_id).update(
        state=ListExport.State.WRITING, claim=claim, heartbeat_at=timezone.now(), tries=F("tries") + 1, rows_done=0
    )
    if not taken:
        return None
    export = ListExport.objects.select_related("owner").get(pk=export_id)
    try:
        if export.tries > TRIES:
            raise Refused(_("The file could not be written. Try a shorter list."))
        _write(export, claim)
    except _Gone:
        return None
    except (Refused, NotAllowed) as refusal:
        _settle(export, claim, state=ListExport.State.FAILED, problem=str(refusal))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Export %s stopped", export_id)
        _settle(export, claim, state=ListExport.State.FAILED, problem=_("Something went wrong that should not have."))
    export.refresh_from_db()
    return export


class _Gone(Exception):
    """Its owner removed it meanwhile, or another worker has it."""


def _settle(export: ListExport, claim: uuid.UUID, **facts: Any) -> None:
    mine = ListExport.objects.filter(pk=export.pk, claim=claim)
    if not mine.update(heartbeat_at=timezone.now(), **facts):
        raise _Gone


def _write(export: ListExport, claim: uuid.UUID) -> None:
    total, rows = table_of(export.source, export.owner, QueryDict(export.query), export.columns)
    _settle(export, claim, rows_total=total)
    kind = FORMATS[export.format]()
    with TemporaryFile() as file:
        count = write_rows(rows, file, export.format, lambda done: _settle(export, claim, rows_done=done))
        size = file.tell()
        file.seek(0)
        name = default_storage.save(f"exports/{uuid.uuid4().hex}.{kind.get_extension()}", File(file))
    now = timezone.now()
    try:
        _settle(
            export,
            claim,
            state=ListExport.State.READY,
            file=name,
            size=size,
            rows_done=count,
            rows_total=count,
            finished_at=now,
            expires_at=now + timedelta(days=settings.EXPORT_KEEP_DAYS),
        )
    except _Gone:
        default_storage.delete(name)
        raise


def table_of(source: str, owner: Any, query: QueryDict, columns: Sequence[str]) -> Table:
    """How many rows a source has for this person, and the rows. Raises NotAllowed when she may not see it any more."""
    insist_on_source(source, owner)
    if source in OTHERS:
        return OTHERS[source].table(owner, query)
    page, request = _page_of(source), _request_of(owner)
    request.GET = query  # type: ignore[assignment]
    try:
        rows = page.get_export_queryset(request)
    except UnknownParameter:
        raise Refused(_impossible()) from None
    if left_out(request):
        raise Refused(_impossible())
    return rows.order_by().count(), page.export_rows(request, columns, rows)


def _impossible() -> str:
    return _("The filters of this list are no longer possible.")


def insist_on_source(source: str, owner: Any) -> None:
    """Raises NotAllowed unless this person may see the list."""
    if source in OTHERS:
        may = owner.has_perm(OTHERS[source].permission)
    else:
        may = _page_of(source).has_export_permission(_request_of(owner))
    if not (may and owner.is_active and owner.is_staff):
        raise NotAllowed(_("You may not see this list any more."))


def _page_of(source: str) -> Any:
    return admin.site._registry[apps.get_model(source)]


def _request_of(owner: Any) -> HttpRequest:
    request = HttpRequest()
    request.method, request.user = "GET", owner
    return request


def file_of(export: ListExport, *, by: Any) -> tuple[Any, str]:
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
        insist_on_source(export.source, by)
    except NotAllowed as refusal:
        raise Refused(str(refusal)) from None
    if _reaches_less_than_then(by, export.finished_at or export.asked_at):
        raise Refused(_("You see less now than when this file was written. Export the list again."))
    ending = FORMATS[export.format]().get_extension()
    day = timezone.localdate(export.finished_at)
    return default_storage.open(str(export.file.name), "rb"), f"{file_name_of(export.title, day)}.{ending}"


def _reaches_less_than_then(user: Any, then: datetime) -> bool:
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
    return any(history_of(model).filter(**taken).exists() for model in portal_people().grants().values())


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
    waiting = Q(state=ListExport.State.WAITING) | Q(state=ListExport.State.WRITING, heartbeat_at__lt=now - SILENCE)
    for export_id in ListExport.objects.filter(waiting).values_list("pk", flat=True):
        _wake(export_id)
