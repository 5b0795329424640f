"""Jobs and workers as pins on the console's maps, each with words that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from accounts.models import User, Worker
from jobs import services
from jobs.choices import JOB_STATUS_TONES, UNDER_WAY, JobStatus
from jobs.models import Job, WorkerPosition
from jobs.querysets import day_bounds
from jobs.windows import with_window
from jobs.wording import distance_in_words

NOBODY = "#4b5563"


@dataclass(frozen=True)
class Pin:
    """One place: ``latitude`` and ``longitude`` as a script reads numbers, empty where nobody knows."""

    key: str
    kind: str
    latitude: str
    longitude: str
    tone: str
    mark: str
    words: str
    url: str
    open: str

    @property
    def says(self) -> str:
        """What stands below its name."""
        return self.words.partition("\n")[2]

    @property
    def is_placed(self) -> bool:
        """Is it on the map?"""
        return bool(self.latitude)


def _degrees(number: Decimal | None) -> str:
    return "" if number is None else f"{number:.6f}"


def pin_of_job(job: Job, mark: str = "", *, colour: str = "status") -> Pin:
    """A job (template, customer, worker loaded) as a pin in the colour of its status or of its worker."""
    tone = JOB_STATUS_TONES[JobStatus(job.status)]
    if colour == "worker":
        tone = job.worker.colour if job.worker else NOBODY
    when = with_window(job.planned_start, job.window_end, "H:i")
    who = str(job.worker) if job.worker else _("nobody yet")
    words = [f"{job.number} {job.service}", str(job.customer), f"{when} {who}, {job.get_status_display()}", job.address]
    placed = job.latitude is not None and job.longitude is not None
    return Pin(
        job.number,
        "job",
        _degrees(job.latitude) if placed else "",
        _degrees(job.longitude) if placed else "",
        tone,
        mark,
        "\n".join(line.strip() for line in words if line.strip()),
        reverse("admin:jobs_job_change", args=[job.pk]),
        _("Open this job"),
    )


def pin_of_worker(worker: Worker, position: WorkerPosition | None, away: str = "") -> Pin:
    """A worker, where she was last; ``away``: how far from a job, in words."""
    seen = _("seen at %s") % time_format(timezone.localtime(position.at)) if position else _("no position today")
    if away:
        seen = f"{away}, {seen}"
    return Pin(
        f"worker-{worker.pk}",
        "worker",
        _degrees(position.latitude) if position else "",
        _degrees(position.longitude) if position else "",
        worker.colour,
        worker.name[:1].upper(),
        f"{worker}\n{seen}",
        reverse("admin:accounts_worker_change", args=[worker.pk]),
        _("Open this worker"),
    )


def worker_pin_of(job: Job, user: User | AnonymousUser) -> Pin | None:
    """Where the worker of an open job was last today, exactly, for staff who may see positions; or None.

    While the job is under way, and on the day it is planned for. One query at most.
    """
    if job.worker is None or not job.is_open or not user.has_perm("jobs.view_workerposition"):
        return None
    today = timezone.localdate()
    planned = job.planned_start and timezone.localdate(job.planned_start) == today
    if not planned and job.status not in UNDER_WAY:
        return None
    morning = day_bounds(today)[0]
    position = WorkerPosition.objects.filter(worker=job.worker_id, at__gte=morning).first()
    if position is None:
        return None
    away = ""
    if job.latitude is not None and job.longitude is not None:
        here, there = (position.latitude, position.longitude), (job.latitude, job.longitude)
        away = distance_in_words(services.metres_between(here, there))
    return pin_of_worker(job.worker, position, away)
