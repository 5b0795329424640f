"""An SQLite database with every migration in it, made once and copied for each process of the tests.

Eighty tables are remade over and over by the migrations of SQLite: 37 s of a core for each process, and for each run of
a single file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent


def migrated_database() -> Path:
    """The file: of exactly these migrations and these packages, made by whoever comes first.

    What follows from models rather than from migrations (rights, roles) is brought up to date by the ``migrate`` that
    runs on each copy.
    """
    folder = Path(tempfile.gettempdir()) / f"portico-migrated-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder / f"{_state_of_migrations()}.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _migrate(made)
    return made


def _state_of_migrations() -> str:
    state = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for path in sorted((Path(app.path) / "migrations").glob("*.py")):
            state.update(f"{app.label}/{path.name}".encode() + path.read_bytes())
    for package in sorted(f"{found.name} {found.version}" for found in distributions()):
        state.update(package.encode())
    return state.hexdigest()[:32]


def _migrate(made: Path) -> None:
    unfinished = made.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{unfinished}"}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    unfinished.rename(made)
