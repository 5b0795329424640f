"""Every check but the tests: the same for a commit, for CI and by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import environment

# An installation in production that lacks nothing, nor its static files (``_say_collected``): the settings must have
# nothing to say about it.
PRODUCTION = {
    "PORTICO_PRODUCTION": "1",
    "SECRET_KEY": "a-sample-of-a-secret-that-is-long-enough-and-has-many-different-letters-0123456789",
    "SITE_URL": "https://portico.example",
    "DATABASE_URL": "postgres://portico:sample@127.0.0.1:5432/portico",
    "EMAIL_URL": "smtp+tls://portico:sample@mail.example:587",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
    "REDIS_URL": "redis://127.0.0.1:6379/1",
}
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"

# name -> (what is run after "python", the environment on top of ours)
CHECKS: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {
    "types": (["-m", "mypy", "."], {}),
    "lint": (["-m", "ruff", "check", "."], {}),
    "format": (["-m", "ruff", "format", "--check", "."], {}),
    "templates": (["-m", "djlint", "--lint", "--quiet", "--allow-empty-input", "."], {}),
    "imports": (["-c", LINT_IMPORTS], {}),
    "migrations": (["manage.py", "makemigrations", "--check", "--dry-run"], {}),
    "production": (["manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
}
# What the caller's environment may set and a check must not see.
OURS = ("PORTICO_", "DATABASE_", "DEBUG", "SECRET_", "TWILIO_", "SITE_", "ALLOWED_", "REDIS_", "CELERY_", "EMAIL_")


def _say_collected(var: Path) -> None:
    """The list that collecting static files leaves behind: to collect them takes longer than to check."""
    (var / "static").mkdir()
    (var / "static" / "staticfiles.json").write_text('{"version": "1.1", "paths": {"a.js": "a.123.js"}, "hash": ""}')


def _run(name: str, python: str, var: str) -> tuple[str, int, str, float]:
    command, extra = CHECKS[name]
    env = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    env |= {"PORTICO_VAR": var, **extra}
    began = time.monotonic()
    done = subprocess.run(
        [python, *command], cwd=environment.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return name, done.returncode, done.stdout.strip(), time.monotonic() - began


def main() -> int:
    wanted = sys.argv[1:] or list(CHECKS)
    unknown = [name for name in wanted if name not in CHECKS]
    if unknown:
        environment.refuse(f"There is no check {unknown[0]!r}. There are: {', '.join(CHECKS)}.")
    python = environment.ensure("requirements-dev.txt")
    failed = []
    with tempfile.TemporaryDirectory() as var, ThreadPoolExecutor(os.cpu_count()) as pool:
        _say_collected(Path(var))
        for done in as_completed([pool.submit(_run, name, python, var) for name in wanted]):
            name, status, output, seconds = done.result()
            print(f"{'FAILED' if status else 'ok':7}{name:12}{seconds:5.1f} s", flush=True)
            if status:
                failed.append(name)
                print(output, flush=True)
    if failed:
        print(f"Not clean: {', '.join(failed)}. To see one again: bin/check {failed[0]}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
