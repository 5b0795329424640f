"""A database that is dumped and restored, as docs/running.md says, and the mark that lies outside it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection


@pytest.fixture
def mark(settings: Any, tmp_path: Path) -> Path:
    """Where this test's mark lies, beside its files."""
    settings.MARK_FILE = tmp_path / "var" / "mark"
    settings.MEDIA_ROOT = tmp_path / "var" / "media"
    settings.MARK_FILE.parent.mkdir(exist_ok=True)
    return settings.MARK_FILE


@dataclass
class Backup:
    """What was saved, and how it comes back."""

    file: Path
    environ: dict[str, str]
    where: list[str]

    def restore(self) -> None:
        connection.close()
        command = ["pg_restore", "--clean", "--if-exists", "--single-transaction", *self.where, str(self.file)]
        subprocess.run(command, env=self.environ, check=True, capture_output=True, text=True)
        # What this process remembers is not restored; one that is started anew remembers nothing.
        cache.clear()
        ContentType.objects.clear_cache()


@pytest.fixture
def dump(tmp_path: Path) -> Callable[[], Backup]:
    """``dump()``: the database as it is now, in a file of pg_dump's."""
    if connection.vendor != "postgresql":
        pytest.skip("pg_dump and pg_restore: PostgreSQL only")
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        pytest.skip("pg_dump and pg_restore are not installed: install the client of PostgreSQL")
    facts = connection.settings_dict
    environ = {"PATH": os.environ["PATH"], "PGPASSWORD": facts["PASSWORD"] or ""}
    # Nothing of it need survive, so nothing of it waits for a disk.
    environ["PGOPTIONS"] = "-c synchronous_commit=off"
    login = ["--host", facts["HOST"] or "localhost", "--port", str(facts["PORT"] or 5432), "--username", facts["USER"]]

    def _dump() -> Backup:
        where = [*login, "--dbname", str(facts["NAME"])]
        backup = Backup(tmp_path / "portico.dump", environ, where)
        command = ["pg_dump", "--format=custom", f"--file={backup.file}", *where]
        subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
        return backup

    return _dump
