"""Starts Portico on this machine, and stops everything it started.

Three processes are its children: the web server, the worker, and the messenger. Each leads a process group of its own,
so that nothing of it is left behind; on Linux the kernel ends them too when this process is killed outright.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import environment
from environment import ROOT, refuse, say

PATIENCE = 10  # seconds that a child gets to finish what it is doing
_PR_SET_PDEATHSIG = 1

WEB = ["-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
# As root, in a container, celery's warning helps nobody.
_CELERY = [
    *("-W", "ignore:You're running the worker with superuser privileges", "-m", "celery", "-A", "config"),
    *("--quiet", "worker"),
]
_ALONE = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
# Each polls a folder. The worker does what people wait for, one thing after the other; the messenger sends and keeps
# house, with the clock in it, and has threads, for a mail server may let one wait.
WORKER = [*_CELERY, "-P", "solo", "-Q", "people", "-n", "people@%h", *_ALONE]
MESSENGER = [
    *(*_CELERY, "-P", "threads", "--concurrency", "10", "-B", "-Q", "messages,house", "-n", "messages@%h"),
    *_ALONE,
]


class Stopped(BaseException):
    """Somebody asked us to stop."""


def _stop(signum: int, frame: Any) -> None:
    raise Stopped


def _listen_to_signals() -> None:
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    # Under nohup a closed terminal is no reason to stop.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _stop)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """In the child: be told to stop when the parent dies, however it dies."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """The processes we started, by name."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], env: dict[str, str]) -> None:
        self._processes[name] = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def run(self, name: str, command: Sequence[str], env: dict[str, str]) -> int:
        """Start it and wait for its end; gives its exit status."""
        self.start(name, command, env)
        status = self._processes[name].wait()
        del self._processes[name]
        return status

    def ended(self) -> tuple[str, int] | None:
        """A child that ended by itself, with its exit status."""
        for name, process in self._processes.items():
            status = process.poll()
            if status is not None:
                return name, status
        return None

    def stop(self) -> None:
        """Ask each to finish, wait a while, then end what is left of its group. A second signal does not wait."""
        until = time.monotonic() + PATIENCE
        try:
            for process in self._processes.values():
                _signal(process, signal.SIGTERM)
            for process in self._processes.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.1, until - time.monotonic()))
        except Stopped:
            say("Stopping at once.")
        for process in self._processes.values():
            # Also when it has ended: a process of its group may have outlived it.
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], signum: int) -> None:
    if process.poll() is None:
        process.send_signal(signum)
    else:
        _signal_group(process, signum)


def _signal_group(process: subprocess.Popen[bytes], signum: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signum)


def _address() -> tuple[str, int]:
    host = os.environ.get("HOST", "").strip() or "127.0.0.1"
    written = os.environ.get("PORT", "").strip() or "8000"
    if not written.isdecimal() or not 1 <= int(written) <= 65535:
        refuse(f"PORT must be a number from 1 to 65535, not {written!r}. For example: PORT=8123 bin/run")
    return host, int(written)


def _require_free_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                refuse(
                    f"Port {port} on {host} is in use. Stop what uses it, or choose another port, "
                    f"for example: PORT={port + 123} bin/run"
                )
            refuse(f"Cannot listen on {host}, port {port}: {error.strerror}. Choose others with HOST and PORT.")


def _require_only_run(var: Path) -> Any:
    """Two workers on one folder would take each other's messages. The lock ends with the process, however it ends."""
    var.mkdir(parents=True, exist_ok=True)
    lock = open(var / "run.lock", "a+")  # noqa: SIM115 - held until the end
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        refuse(
            f"Portico runs on {var} already (process {lock.read().strip() or 'unknown'}). "
            "Stop it first, or use another folder: PORTICO_VAR=/some/folder bin/run"
        )
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _reason(status: int) -> str:
    return f"ended by signal {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _watch(children: Children, host: str, port: int, welcome: str) -> int:
    """Wait until a child ends or somebody stops us. Gives our exit status."""
    reach = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    greeted = False
    while True:
        gone = children.ended()
        if gone:
            name, status = gone
            print(f"The {name} {_reason(status)}; stopping the rest.", file=sys.stderr, flush=True)
            return 1
        if not greeted and _answers(reach, port):
            greeted = True
            say(welcome)
        time.sleep(0.5 if greeted else 0.1)


def _welcome(host: str, port: int, var: Path) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
    lines = [
        "",
        "Portico is running. Ctrl-C stops it.",
        f"  Console         http://{shown}:{port}/admin/",
        f"  Companion site  http://{shown}:{port}/",
        f"  Its files       {var}",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    if len(sys.argv) > 1:
        refuse(
            "bin/run takes no arguments. It reads the environment: PORT, HOST, PORTICO_VAR, PORTICO_DEMO "
            "(0: start without the demo business). See docs/running.md."
        )
    _listen_to_signals()
    children = Children()
    try:
        host, port = _address()
        _require_free_port(host, port)
        python = environment.ensure("requirements.txt")
        var = Path(os.environ.get("PORTICO_VAR") or ROOT / "var").resolve()
        lock = _require_only_run(var)  # noqa: F841 - held until the end
        env = {**os.environ, "HOST": host, "PORT": str(port), "PORTICO_VAR": str(var), "PYTHONUNBUFFERED": "1"}
        if children.run("preparation", [python, "manage.py", "prepare"], env):
            refuse("Portico was not started: see the lines above.")
        children.start("web server", [python, *WEB], env)
        children.start("worker", [python, *WORKER], env)
        children.start("messenger", [python, *MESSENGER], env)
        status = _watch(children, host, port, _welcome(host, port, var))
    except Stopped:
        say("\nStopping ...")
        status = 0
    finally:
        children.stop()
    say("Stopped.")
    return status


if __name__ == "__main__":
    sys.exit(main())
