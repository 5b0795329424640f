"""A backup in the middle of everything: messages on their way, an import, an evening that is lost afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.files.base import ContentFile
from django.utils import timezone

from alerts.models import Delivery
from alerts.services import announce, deliver, sweep
from imports.models import ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from imports.services import running as running_imports
from jobs.models import Job, JobEvent
from jobs.services import NewJob, create_jobs
from tests.alerts.makers import make_alert
from tests.recovery import dies_in_an_import
from tests.recovery.dies_in_an_import import CHUNK, READY
from tests.worker.conftest import database_url

MESSAGES, ROWS = 300, 200


def received() -> Counter[str]:
    """How many mails have reached each address."""
    return Counter(address for one in mail.outbox for address in one.to)


def queued() -> list[int]:
    return list(Delivery.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True))


def sweep_without_sending() -> None:
    """What the clock does every 20 seconds; the messenger comes later."""
    sweep(send=lambda channel: None)


class Story:
    """300 messages of which 100 went out, an import of 200 rows of which 100 are written, and one message that waits
    for tomorrow. That is the moment of the backup."""

    def __init__(self, cast: Any, monkeypatch: Any) -> None:
        self.cast = cast
        for name in ("CHUNK", "CHANGED_CHUNK", "FIRST_CHUNK"):
            monkeypatch.setattr(running_imports, name, CHUNK)
        make_alert(subject="{job_number}")
        self.make_jobs("m", MESSAGES)
        self.make_jobs("tomorrow", 1)
        self.announce()
        tomorrow = timezone.now() + timedelta(hours=20)
        Delivery.objects.filter(recipient="tomorrow0@acme.example").update(next_attempt_at=tomorrow)
        self.run = self.an_import()
        self.write_half()
        deliver(queued()[:100])
        self.last_number = ""

    def make_jobs(self, name: str, count: int) -> list[Job]:
        news = [
            NewJob(
                customer=self.cast.acme,
                template=self.cast.exchange,
                contact_name="Site",
                contact_email=f"{name}{n}@acme.example",
            )
            for n in range(count)
        ]
        return create_jobs(news, by=self.cast.dana)

    def announce(self) -> None:
        announce(list(JobEvent.objects.unannounced().values_list("pk", flat=True)))

    def an_import(self) -> ImportRun:
        lines = ["id,template,customer,contact email,contact name,start"]
        lines += [f"A-{n},Skip exchange,Acme Builders,row{n}@acme.example,Site,2027-01-04 08:00" for n in range(ROWS)]
        run = upload_file(ContentFile("\n".join(lines).encode(), name="jobs.csv"), by=self.cast.ines)
        run = set_mapping(run, guess_mapping(run, by=self.cast.ines)[0], by=self.cast.ines)
        return commit_run(check_run(run, by=self.cast.ines), by=self.cast.ines)

    def write_half(self) -> None:
        """A worker of its own writes two chunks, and is killed in the third."""
        environ = {
            "PATH": os.environ["PATH"],
            # Where this test's mark and files lie.
            "PORTICO_VAR": str(settings.MARK_FILE.parent),
            "DATABASE_URL": database_url(),
            "SECRET_KEY": settings.SECRET_KEY,
        }
        command = [sys.executable, "-m", dies_in_an_import.__name__, str(self.run.pk)]
        with subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            said = list(takewhile(lambda line: line.strip() != READY, process.stdout))
            is_in_the_middle = process.poll() is None
            process.send_signal(signal.SIGKILL)
        assert is_in_the_middle and process.returncode == -signal.SIGKILL, "".join(said)
        self.falls_silent()
        run = ImportRun.objects.get()
        assert (run.state, run.made, run.rows.count()) == ("running", ROWS // 2, ROWS // 2)
        assert Job.objects.filter(external_id__startswith="A-").count() == ROWS // 2

    def falls_silent(self) -> None:
        ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))

    def goes_on(self) -> None:
        """An evening of work: what waits goes out, the import ends, a job is made by hand."""
        deliver(queued()[:120])
        work_on_run(self.run.pk)
        assert ImportRun.objects.get().state == "finished"
        self.announce()
        rows = Delivery.objects.filter(recipient__startswith="row", state="queued").order_by("-pk")
        deliver(list(rows.values_list("pk", flat=True))[:130])
        (job,) = self.make_jobs("lost", 1)
        self.last_number = job.number

    def a_minute_passes(self) -> None:
        """What the clock does, a few times."""
        for _ in range(3):
            work_on_run(self.run.pk)
            self.announce()
            sweep_without_sending()
            deliver(queued())
