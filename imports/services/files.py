"""Taking a file in."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.act import acting
from console.errors import NotAllowed, Refused
from console.reach import require_reach
from imports import reading
from imports.choices import RecordKind
from imports.columns import recogniser
from imports.kinds import KINDS
from imports.models import ImportRun


def path_of(run: ImportRun) -> Path:
    """Where the run's file lies. Raises Refused when it is gone."""
    path = Path(run.file.path)
    if not path.is_file():
        raise Refused(_("The file of this import is no longer there. Upload it again."))
    return path


def upload_file(file: File[bytes], *, by: User, kind: str = RecordKind.JOBS, name: str = "") -> ImportRun:
    """Keeps a file and finds out how to read it. Nothing is imported yet.

    ``name``: what the person calls it, the file's own name if empty. Raises Refused with a sentence when it is not a
    table that can be read (the file is not kept then), NotAllowed when she may not import this kind.
    """
    require_add_right(kind, by)
    if (file.size or 0) > settings.IMPORT_MAX_BYTES:
        raise Refused(
            _("The file is larger than %d MB. Pack it with zip, or split it.") % (settings.IMPORT_MAX_BYTES // 1024**2)
        )
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    shown = Path(name or file.name or "").name.replace("\x00", "")[:200] or _("file")
    run = ImportRun(kind=kind, file_name=shown, size=file.size or 0, digest=digest.hexdigest(), uploaded_by=by)
    run.file.save(shown, file, save=False)
    try:
        recognise = recogniser(KINDS[kind](by=by).columns())
        run.reading = reading.examine(path_of(run), recognise).as_json()
        with transaction.atomic(), acting(by=by):
            run.save()
    except BaseException:
        default_storage.delete(str(run.file.name))
        raise
    return run


def require_add_right(kind: str, by: User) -> None:
    """Raises NotAllowed unless this person may make records of that kind."""
    if kind not in KINDS:
        raise Refused(_("Nothing of that kind can be imported."))
    if not by.has_perm("imports.add_importrun"):
        raise NotAllowed(_("You may not import files."))
    if not by.has_perm(KINDS[kind].add_permission):
        raise NotAllowed(
            _("You may not add records of this kind, and so not import them: %s.") % RecordKind(kind).label
        )


def require_change_right(kind: str, by: User) -> None:
    """Raises NotAllowed unless this person may change records of that kind, or take back what was made."""
    if not by.has_perm(KINDS[kind].change_permission):
        raise NotAllowed(_("You may not change records of this kind: %s.") % RecordKind(kind).label)


def delete_run(run: ImportRun, *, by: User) -> None:
    """Forgets a run that has written nothing, with its file. Raises Refused for one that has."""
    with transaction.atomic(), acting(by=by):
        run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        require_reach(by, run)
        if run.is_with_worker or run.rows.exists():
            raise Refused(_("This import has written rows: it is kept, so that one can see what it did."))
        name = str(run.file.name)
        run.delete()
        transaction.on_commit(lambda: default_storage.delete(name))
