"""``manage.py bench_queues``: does one kind of background work wait for another? With the workers of ``bin/run``."""

from __future__ import annotations

import os
import runpy
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import User
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import Delivery
from background.waking import wake
from business.models import PortalSettings
from imports.choices import RunState
from imports.models import ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file
from templates_app.models import JobTemplate

WAITING, FEW, IMPORTS, ROWS = 3_000, 300, 7, 50
# What the ordinary mail server takes for a mail, and the other one before anybody hears of it, in seconds.
QUICK, HANGS = 0.02, 600.0
BOUND_OF_IMPORTS, BOUND_OF_MAIL = 2.0, 1.5
HANGING = "hangs"


class Command(BaseCommand):
    help = (
        "Measures how long an import waits until it begins, with nothing and with 3,000 mails waiting, and how long "
        "300 mails take, alone and beside a server that hangs. Starts the workers of bin/run on a database of its own, "
        "which it removes. Prints the ratios beside their bounds; exits with 1 where one is not held."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--inside", action="store_true", help="used by the command itself")

    def handle(self, *args: str, **options: Any) -> None:
        if options["inside"]:
            if not _measure(self.stdout.write):
                raise CommandError("A bound is not held.")
            return
        with tempfile.TemporaryDirectory(prefix="portico-bench-") as var, _database(var) as url, _mail_server() as port:
            environ = {
                **os.environ,
                "PORTICO_VAR": var,
                "DATABASE_URL": url,
                "EMAIL_URL": f"smtp://127.0.0.1:{port}",
                "LOG_LEVEL": "ERROR",
                "DEBUG": "0",
            }
            _run(environ, "manage.py", "migrate", "--verbosity", "0")
            with _workers(environ):
                _run(environ, "manage.py", "bench_queues", "--inside")


# --- what it runs on


@contextmanager
def _database(var: str) -> Iterator[str]:
    """The address of an empty database of the same kind as ours, for a while."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{var}/portico.sqlite3"
        return
    facts, name = connection.settings_dict, f"portico_bench_{uuid.uuid4().hex[:8]}"
    login = quote(facts["USER"]) + (f":{quote(facts['PASSWORD'])}" if facts["PASSWORD"] else "")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    try:
        yield f"postgres://{login}@{facts['HOST'] or 'localhost'}:{facts['PORT'] or 5432}/{name}"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


class _Mail(socketserver.StreamRequestHandler):
    """As much of a mail server as our side asks for (RFC 5321). It hangs at recipients whose name says so."""

    def handle(self) -> None:
        self._say("220 bench")
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            word = line[:4].upper()
            if word == "QUIT":
                return self._say("221 bye")
            if word == "RCPT" and HANGING in line:
                time.sleep(HANGS)
            if word == "DATA":
                self._say("354 go ahead")
                while self.rfile.readline().strip() != b".":
                    pass
                time.sleep(QUICK)
            self._say("250 bench")
        return None

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128
    block_on_close = False


@contextmanager
def _mail_server() -> Iterator[int]:
    with _Server(("127.0.0.1", 0), _Mail) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@contextmanager
def _workers(environ: dict[str, str]) -> Iterator[None]:
    """The two of ``bin/run``, ready to work."""
    folder = Path(settings.BASE_DIR) / "bin"
    sys.path.insert(0, str(folder))
    commands = runpy.run_path(str(folder / "run.py"))
    started = [
        subprocess.Popen([sys.executable, *commands[name]], cwd=settings.BASE_DIR, env=environ)  # noqa: S603
        for name in ("WORKER", "MESSENGER")
    ]
    try:
        time.sleep(8)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()


def _run(environ: dict[str, str], *command: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=settings.BASE_DIR, env=environ, check=False)  # noqa: S603
    if done.returncode:
        raise CommandError("That did not work, or a bound is not held: see the lines above.")


# --- what it measures


def _measure(say: Callable[[str], object]) -> bool:
    importer = User.objects.create_user("bench@portico.example", is_staff=True, is_superuser=True)
    JobTemplate.objects.create(name="Skip exchange", is_portal_default=True)
    PortalSettings.load().save()
    _begin(importer)  # once for nothing: whatever is loaded at the first is loaded then
    alone = _begins(importer)
    few = _seconds_of_mails()
    _queue(WAITING, "waits")
    wake(Delivery.TASK, Channel.EMAIL)
    beside_mail, left = _begins(importer), _left("waits")
    if not left:
        raise CommandError("The mails were gone before the imports had begun: nothing was measured.")
    Delivery.objects.filter(state=DeliveryState.QUEUED).update(state=DeliveryState.SKIPPED, next_attempt_at=None)
    _until(lambda: not Delivery.objects.filter(state=DeliveryState.SENDING).exists())
    _queue(1, HANGING)
    wake(Delivery.TASK, Channel.EMAIL)
    _until(lambda: Delivery.objects.filter(state=DeliveryState.SENDING).exists())
    few_beside = _seconds_of_mails()
    _queue(20, HANGING)
    wake(Delivery.TASK, Channel.EMAIL)
    time.sleep(2)
    beside_hang = _begins(importer)
    held = True
    say(f"{'':52}{'alone':>10}{'beside':>10}{'ratio':>8}{'bound':>8}")
    for name, once, then, bound in (
        (f"seconds until an import begins, {WAITING:,} mails waiting", alone, beside_mail, BOUND_OF_IMPORTS),
        ("seconds until an import begins, mail server hanging", alone, beside_hang, BOUND_OF_IMPORTS),
        (f"seconds for {FEW} mails, one of them hanging", few, few_beside, BOUND_OF_MAIL),
    ):
        held &= then / once <= bound
        say(f"{name:52}{once:>10.2f}{then:>10.2f}{then / once:>8.2f}{bound:>8.1f}")
    say(f"{left:,} of {WAITING:,} mails still waited when the last import had begun. Broker: {_broker()}.")
    return held


def _broker() -> str:
    return str(settings.CELERY_BROKER_URL).partition(":")[0]


def _begins(importer: User) -> float:
    """Seconds until an import is taken up, on an average of some: brokers are asked at intervals."""
    return statistics.fmean(_begin(importer) for _time in range(IMPORTS))


def _begin(importer: User) -> float:
    lines = ["id,template,customer"] + [f"{uuid.uuid4()},Skip exchange,Acme Builders" for _row in range(ROWS)]
    run = upload_file(ContentFile("\n".join(lines).encode(), name="bench.csv"), by=importer)
    run = set_mapping(run, guess_mapping(run, by=importer)[0], by=importer)
    run = commit_run(check_run(run, by=importer), by=importer, announce=False)
    began = time.perf_counter()
    _until(lambda: ImportRun.objects.filter(pk=run.pk).exclude(state=RunState.QUEUED).exists())
    waited = time.perf_counter() - began
    _until(lambda: ImportRun.objects.filter(pk=run.pk, state=RunState.FINISHED).exists())
    return waited


def _seconds_of_mails() -> float:
    name = f"few-{uuid.uuid4().hex[:6]}"
    _queue(FEW, name)
    began = time.perf_counter()
    wake(Delivery.TASK, Channel.EMAIL)
    _until(lambda: not _left(name))
    return time.perf_counter() - began


def _queue(number: int, name: str) -> None:
    now = timezone.now()
    trial = {"kind": "job.created", "audience": Audience.STAFF, "channel": Channel.EMAIL, "is_test": True}
    words = {"subject": "Bench", "body": "A mail of the bench.", "next_attempt_at": now}
    mails = [Delivery(recipient=f"{name}-{one}@portico.example", **trial, **words) for one in range(number)]
    for mail in mails:
        mail.renew_token()
    Delivery.objects.bulk_create(mails, batch_size=500)


def _left(name: str) -> int:
    waiting = (DeliveryState.QUEUED, DeliveryState.SENDING)
    return Delivery.objects.filter(recipient__startswith=f"{name}-", state__in=waiting).count()


def _until(condition: Callable[[], bool]) -> None:
    patience = time.monotonic() + 180
    while not condition():
        if time.monotonic() > patience:
            raise CommandError("Nothing happens any more: look at the lines of the workers.")
        time.sleep(0.01)
