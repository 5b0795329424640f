"""The virtual environment of this clone. Nothing but the standard library: it runs before anything is installed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("PORTICO_VENV") or ROOT / ".venv")
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "portico-installed.json"


def refuse(sentence: str) -> NoReturn:
    """Say what is wrong and what to do, and stop."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)


def say(sentence: str) -> None:
    print(sentence, flush=True)


def ensure(requirements: str) -> str:
    """The Python of the virtual environment, with everything in that file installed. Does nothing twice.

    Raises SystemExit, after a sentence, when something cannot be installed.
    """
    wanted = _digest(requirements)
    if _works() and _installed().get(requirements) == wanted:
        return str(PYTHON)
    with _alone():
        if not _works():
            _make()
        installed = _installed()
        if installed.get(requirements) != wanted:
            _install(requirements)
            STAMP.write_text(json.dumps(installed | {requirements: wanted}, indent=1))
    return str(PYTHON)


def _digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def _works() -> bool:
    """Is there an environment, and is its Python still on this machine and new enough?"""
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", test], stderr=subprocess.DEVNULL).returncode == 0


def _installed() -> dict[str, str]:
    """Which requirement files were installed, each by its digest."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands started at once make one environment between them."""
    with open(ROOT / "requirements.txt") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make() -> None:
    say(f"Making the virtual environment {VENV.name} with Python {sys.version.split()[0]} ...")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        refuse(f"The virtual environment in {VENV} could not be made. See the lines above, then start again.")


def _install(requirements: str) -> None:
    say(f"Installing the packages of {requirements} (once, a minute or two) ...")
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    if subprocess.run([*command, "--prefer-binary", "--requirement", str(ROOT / requirements)]).returncode:
        refuse(f"The packages of {requirements} could not be installed. See the lines above, then start again.")
