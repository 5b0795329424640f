"""The folder of files: uploads, exports, pictures. What it cannot take is a sentence, and leaves nothing behind."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import changelog
from console.errors import Refused

logger = logging.getLogger(__name__)

# Bytes. With less left the dashboard warns: an import of 100 MB and its working files still fit.
LITTLE = 500 * 1024**2
# A file comes before the row that names it, within the transaction of whoever uploads it.
UNNAMED = timedelta(days=1)
# Where records of ours keep their files.
FOLDERS = ("documents", "exports", "imports", "jobs", "portal")


class NoRoom(Refused):
    """The folder of files is full, read-only, or gone."""


class Files(FileSystemStorage):
    """Django's folder. Raises NoRoom where the disk refuses."""

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        """Keep a file; returns the name it got."""
        name = self.get_available_name(name or str(content.name), max_length)
        path = Path(self.path(name))
        was_there = path.exists()
        try:
            return super().save(name, content, max_length)
        except OSError as error:
            logger.exception("A file could not be kept")
            if not was_there:
                # A piece of a file is worse than none: nothing refers to it.
                with suppress(OSError):
                    path.unlink()
            raise NoRoom(no_room_in_words()) from error


def no_room_in_words() -> str:
    """Return the sentence for a file that could not be kept."""
    return _("There is no room for files at the moment, so this one was not kept. Tell your administrator.")


def trouble_with_files() -> str:
    """Return what is wrong with the folder of files, in a sentence for administrators; empty when all is well."""
    folder = Path(default_storage.path(""))
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return _("The folder of files cannot be written to: uploads and exports are refused. Folder: %s") % folder
    free = shutil.disk_usage(there).free
    if free < LITTLE:
        return _("The disk with the folder of files is nearly full: %(free)d MB are left. Folder: %(folder)s") % {
            "free": free // 1024**2,
            "folder": folder,
        }
    return ""


def sweep_files(now: datetime | None = None) -> int:
    """Delete the files that no record names, a day old and older: pieces of what was rolled back. Returns how many.

    Only below the folders that our records use: what else somebody keeps there stays. What history names stays as
    well: a change that is taken back needs the file that was there before.
    """
    before = (now or timezone.now()) - UNNAMED
    columns = list(_columns_of_names())
    old, count = _old_files(before), 0
    while some := set(islice(old, 500)):
        for model, name in columns:
            some -= set(model._base_manager.filter(**{f"{name}__in": some}).values_list(name, flat=True))
        for name in some:
            default_storage.delete(name)
        count += len(some)
    return count


def _columns_of_names() -> Iterator[tuple[type[models.Model], str]]:
    """Where files are named: columns of records, and of their histories, which keep a name as a text."""
    tracked = set(changelog.tracked_models())
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, models.FileField):
                yield model, field.name
                history = changelog.history_of(model).model if model in tracked else None
                if history is not None and any(one.name == field.name for one in history._meta.fields):
                    yield history, field.name


def _old_files(before: datetime) -> Iterator[str]:
    root = Path(default_storage.path(""))
    for folder in FOLDERS:
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            if not _is_text(name):
                # None of ours: no database would take that name.
                continue
            # Somebody else may have deleted it by now.
            with suppress(FileNotFoundError):
                if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                    yield name


def _is_text(name: str) -> bool:
    """Are the bytes of a file's name a text?"""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
