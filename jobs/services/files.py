"""Files of jobs: believed only after a look inside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import User
from audit.act import acting
from audit.file_names import file_name_for
from console.reach import require_reach
from jobs.models import Job, JobFile
from jobs.models.files import EXTENSIONS, PDF
from jobs.services.life import locked
from templates_app.services import By

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 60_000_000
PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


@dataclass(frozen=True)
class CheckedFile:
    """A file that is what it says: its name, the type found in it, its bytes."""

    name: str
    kind: str
    data: bytes


def check_file(name: str, data: bytes) -> CheckedFile:
    """Looks into a file (its name is not believed). Raises ValidationError with what would do."""
    if not data:
        raise ValidationError(_("This file is empty."))
    if len(data) > MAX_BYTES:
        raise ValidationError(_("This file is larger than 10 MB. Choose a smaller one."))
    kind = PDF if data.startswith(b"%PDF-") else _picture_kind(data)
    if kind is None:
        raise ValidationError(_("This is neither a picture (JPEG, PNG, WebP, GIF) nor a PDF."))
    return CheckedFile(file_name_for(name, *EXTENSIONS[kind], otherwise=_("file")), kind, data)


def _picture_kind(data: bytes) -> str | None:
    try:
        with Image.open(BytesIO(data), formats=list(PICTURES)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            found = PICTURES.get(picture.format or "")
            picture.verify()
    except Exception:
        # Whatever a broken picture does to the library: it is no picture.
        return None
    return found


def attach_file(job: Job, checked: CheckedFile, *, by: By, key: str = "") -> JobFile:
    """Adds a checked file to a job; for a template field it takes the place of the one before.

    Raises Refused when the job is gone.
    """
    with transaction.atomic(), acting(by=by):
        # Nobody removes the job meanwhile.
        locked(job, by=by)
        if key:
            for old in job.files.filter(key=key):
                remove_file(old, by=by)
        owner = by if isinstance(by, User) else None
        file = JobFile(job=job, key=key, name=checked.name, kind=checked.kind, size=len(checked.data), added_by=owner)
        file.content.save(checked.name, ContentFile(checked.data), save=False)
        file.save()
        return file


def remove_file(file: JobFile, *, by: By) -> None:
    """Takes a file off its job for good; history keeps its name, and who removed it."""
    with transaction.atomic(), acting(by=by):
        require_reach(by, file)
        _forget(file)
        file.delete()


def forget_files(keys: Collection[int]) -> None:
    """Has the bytes of all files of these jobs removed once the transaction that removes the jobs is committed."""
    for file in JobFile.objects.filter(job__in_set=set(keys)):
        _forget(file)


def _forget(file: JobFile) -> None:
    content, name = file.content, file.content.name or ""
    # Only when the row is gone for good: a rolled back deletion must not lose the bytes.
    transaction.on_commit(lambda: content.storage.delete(name), robust=True)
