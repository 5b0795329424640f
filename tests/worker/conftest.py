"""A real Celery worker, a process of its own, on the tests' database and on a real broker.

Redis is looked for at CI_REDIS_URL (database 9 of this machine's Redis unless set; it is emptied). Without Redis these
tests are skipped and say so; with REQUIRE_REDIS=1 they fail instead.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection

from config.celery import app

HERE = Path(__file__).parent
PATIENCE = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A process of its own sees only what is committed."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.worker)
            item.add_marker(pytest.mark.django_db(transaction=True))


def wait_until(true: Callable[[], Any], what: str) -> None:
    """Waits for another process, as long as it takes, but not for ever."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"{what}: not within {PATIENCE} seconds"
        time.sleep(0.1)


@dataclass
class Broker:
    """Where messages wait: its address, and how to lose all of them."""

    url: str
    transport_options: dict[str, Any]
    lose_everything: Callable[[], None]


@dataclass
class Worker:
    """The worker's process; it keeps its files, mails among them, in ``var``."""

    process: subprocess.Popen[bytes]
    var: Path
    output: Path

    @property
    def mails(self) -> list[str]:
        # Two that go out within a second may stand in one file: Django names it after the second and a place in memory.
        files = [path.read_text() for path in sorted((self.var / "mail").glob("*"))]
        return [mail for text in files for mail in text.split("-" * 79 + "\n") if mail.strip()]

    def kill(self) -> None:
        """At once, without a chance to finish."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def database_url() -> str:
    """The tests' database, as another process is told it."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    login = quote(facts["USER"]) + (f":{quote(facts['PASSWORD'])}" if facts["PASSWORD"] else "")
    return f"postgres://{login}@{facts['HOST'] or 'localhost'}:{facts['PORT'] or 5432}/{facts['NAME']}"


@pytest.fixture
def redis_broker() -> Iterator[Broker]:
    """A real Redis, empty, and ours alone while the test runs."""
    url = os.environ.get("CI_REDIS_URL", "redis://127.0.0.1:6379/9")
    server = redis.Redis.from_url(url, socket_connect_timeout=2)
    try:
        server.ping()
    except redis.RedisError as error:
        sentence = f"No Redis at {url.rpartition('@')[2]} ({error}): start one, or say where it is with CI_REDIS_URL."
        if os.environ.get("REQUIRE_REDIS") == "1":
            pytest.fail(sentence, pytrace=False)
        pytest.skip(sentence)
    with open(Path(tempfile.gettempdir()) / "portico-tests-redis.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server.flushdb()
        yield Broker(url, {}, server.flushdb)
        server.flushdb()


@pytest.fixture
def folder_broker(tmp_path: Path) -> Broker:
    """The broker that needs no server: a folder, laid out as config/settings.py does."""
    queue = tmp_path / "var" / "broker" / "queue"
    queue.mkdir(parents=True)
    options = {"data_folder_in": str(queue), "data_folder_out": str(queue), "control_folder": str(queue.parent / "c")}

    def lose_everything() -> None:
        for message in queue.glob("*"):
            message.unlink()

    return Broker("filesystem://localhost", options, lose_everything)


@pytest.fixture
def publish_to() -> Iterator[Callable[[Broker], None]]:
    """``publish_to(broker)``: from now on this process wakes workers through that broker."""

    def _publish_to(broker: Broker) -> None:
        app.conf.broker_write_url = broker.url
        app.conf.broker_transport_options = broker.transport_options
        app.amqp._producer_pool = None

    yield _publish_to
    _publish_to(Broker(django_settings.CELERY_BROKER_URL, {}, lambda: None))


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """``start_worker(broker)``: a worker that is ready to work; it ends with the test. More settings by their names.

    ``include``: a module with tasks besides ours.
    """
    started: list[Worker] = []

    def _start_worker(broker: Broker, *, include: str = "", **more: str) -> Worker:
        var = tmp_path / "var"
        var.mkdir(exist_ok=True)
        environ = {
            "PATH": os.environ["PATH"],
            "PORTICO_VAR": str(var),
            "DATABASE_URL": database_url(),
            "CELERY_BROKER_URL": broker.url,
            # Every process of an installation has the same one; without it, this one would make its own in ``var``.
            "SECRET_KEY": django_settings.SECRET_KEY,
            **more,
        }
        output = var / f"worker-{len(started)}.log"
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "solo", "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        command += ["--include", include] if include else []
        with output.open("wb") as stream:
            process = subprocess.Popen(
                command, cwd=django_settings.BASE_DIR, env=environ, stdout=stream, stderr=subprocess.STDOUT
            )
        worker = Worker(process, var, output)
        started.append(worker)
        wait_until(lambda: "[tasks]" in output.read_text() or process.poll() is not None, "the worker starts")
        assert process.poll() is None, output.read_text()
        return worker

    yield _start_worker
    for worker in started:
        worker.kill()
