"""Where workers are: reported by them, rounded for customers, forgotten after a while."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Worker
from console.errors import Refused
from jobs.choices import UNDER_WAY
from jobs.models import Job, WorkerPosition

METRES_PER_DEGREE = 111_320.0
# An older position says where the worker was, not where she is.
FRESH = timedelta(minutes=30)
_MICRO = Decimal("0.000001")
Degrees = Decimal | float


@dataclass(frozen=True)
class Place:
    """A position as it is shown: degrees, when, and how coarse it is in metres (0: exact)."""

    latitude: float
    longitude: float
    at: datetime
    metres: int


def report_position(
    worker: Worker, *, latitude: Decimal, longitude: Decimal, at: datetime | None = None
) -> WorkerPosition:
    """Writes down where a worker is (degrees; ``at`` aware, now if none is given).

    Raises ValidationError for a place not on earth and for a time to come, Refused for a worker who left.
    """
    if not worker.is_active:
        raise Refused(_("%s no longer works here.") % worker)
    now = timezone.now()
    if at is not None and not now - timedelta(days=settings.WORKER_POSITION_DAYS) <= at <= now + timedelta(minutes=5):
        raise ValidationError({"at": [_("This is no time of today or the last days.")]})
    position = WorkerPosition(
        worker=worker, latitude=latitude.quantize(_MICRO), longitude=longitude.quantize(_MICRO), at=at or now
    )
    position.clean_fields(exclude=["worker"])
    position.save()
    return position


def forget_positions(now: datetime | None = None) -> int:
    """Deletes what is older than ``WORKER_POSITION_DAYS``; how many rows."""
    before = (now or timezone.now()) - timedelta(days=settings.WORKER_POSITION_DAYS)
    return WorkerPosition.objects.filter(at__lt=before).delete()[0]


def latest_positions(workers: Iterable[Worker]) -> dict[int, WorkerPosition]:
    """{worker key: her newest position}, for those who reported one. Two queries for all."""
    keys = [worker.pk for worker in workers]
    newest = WorkerPosition.objects.filter(worker__in=keys).order_by().values("worker").annotate(last=Max("at"))
    moments = {row["last"] for row in newest}
    wanted = {(row["worker"], row["last"]) for row in newest}
    rows = WorkerPosition.objects.filter(worker__in=keys, at__in=moments).order_by("id")
    return {row.worker_id: row for row in rows if (row.worker_id, row.at) in wanted}


def rounded(latitude: Degrees, longitude: Degrees, metres: int) -> tuple[float, float]:
    """A place rounded to a grid of squares that many metres wide; 0 leaves it exact (to a decimetre).

    The grid stands still: a worker who stays within one square does not move on the map, and nobody finds her place by
    averaging many answers.
    """
    exact = float(latitude), float(longitude)
    if metres <= 0:
        return round(exact[0], 6), round(exact[1], 6)
    step = metres / METRES_PER_DEGREE
    row = max(-90.0, min(90.0, round(exact[0] / step) * step))
    # Meridians draw together: the step east depends on the row, not on the exact place, which it would give away.
    east = min(360.0, step / max(math.cos(math.radians(row)), 1e-6))
    column = round(exact[1] / east) * east
    return round(row, 6), round((column + 180.0) % 360.0 - 180.0, 6)


def metres_between(one: tuple[Degrees, Degrees], other: tuple[Degrees, Degrees]) -> float:
    """How far two places (degrees: latitude, longitude) lie apart, as the crow flies."""
    (north, east), (to_north, to_east) = (
        tuple(math.radians(float(number)) for number in place) for place in (one, other)
    )
    haversine = (
        math.sin((to_north - north) / 2) ** 2
        + math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    )
    return 2 * 6_371_000 * math.asin(min(1.0, math.sqrt(haversine)))


def position_for(job: Job, *, metres: int) -> Place | None:
    """Where a customer sees the worker of her job: rounded, while the job is under way, if it is fresh; else None.

    Whether she may see it at all is the caller's to ask (*view_worker*). One query. Needs nothing loaded.
    """
    return positions_for([job], metres=metres).get(job.pk)


def positions_for(jobs: Iterable[Job], *, metres: int) -> dict[int, Place]:
    """The same for many jobs: {job key: place}, of those whose worker may be seen. One query at most."""
    under_way = [job for job in jobs if job.status in UNDER_WAY and job.worker_id is not None]
    if not under_way:
        return {}
    since = timezone.now() - FRESH
    of_each = WorkerPosition.objects.filter(worker=OuterRef("pk"), at__gte=since).order_by("-at", "-id").values("pk")
    workers = Worker.objects.filter(pk__in={job.worker_id for job in under_way}).order_by()
    found = WorkerPosition.objects.filter(pk__in=workers.values_list(Subquery(of_each[:1])))
    newest = {row.worker_id: row for row in found}
    places = {}
    for job in under_way:
        row = newest.get(job.worker_id) if job.worker_id is not None else None
        if row is not None and not (job.started_at and row.at < job.started_at):
            places[job.pk] = Place(*rounded(row.latitude, row.longitude, metres), row.at, max(metres, 0))
    return places
