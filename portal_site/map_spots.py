"""Places on a map, each with the words that say the same to who cannot use a map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from jobs.choices import JOB_STATUS_TONES, UNDER_WAY, JobStatus
from jobs.models import Job
from jobs.services import Place, metres_between
from jobs.wording import distance_in_words
from portal_site.reading import headline_of

# So many jobs of one place are said at once.
FEW = 4


@dataclass(frozen=True)
class Spot:
    """One pin. ``latitude`` and ``longitude`` as a script reads numbers; ``metres``: how coarse (0: exact)."""

    key: str
    kind: str
    latitude: str
    longitude: str
    tone: str
    mark: str
    words: str
    metres: int = 0

    @property
    def says(self) -> str:
        """What stands below its name."""
        return self.words.partition("\n")[2]


def job_spot(job: Job) -> Spot | None:
    """Where a job (template loaded) is, or None if nobody knows."""
    if job.latitude is None or job.longitude is None:
        return None
    words = [f"{job.service} {job.number}", headline_of(job), job.address]
    tone = JOB_STATUS_TONES[JobStatus(job.status)]
    return Spot(job.number, "job", str(job.latitude), str(job.longitude), tone, "", _lines(words))


@dataclass(frozen=True)
class PlaceOnMap:
    """One place with its jobs, the next one first, and the workers who are on them."""

    spot: Spot
    address: str
    jobs: list[Job]
    workers: list[Spot]

    @property
    def first(self) -> list[Job]:
        """What is said at once."""
        return self.jobs[:FEW]

    @property
    def others(self) -> list[Job]:
        """What is said on demand."""
        return self.jobs[FEW:]


def places_of(jobs: Iterable[Job], workers: Mapping[int, Place]) -> list[PlaceOnMap]:
    """Jobs that have coordinates (template, worker loaded), by place, numbered in their order."""
    by_place: dict[tuple[Decimal | None, Decimal | None], list[Job]] = {}
    for job in jobs:
        by_place.setdefault((job.latitude, job.longitude), []).append(job)
    return [_place(number, found, workers) for number, found in enumerate(by_place.values(), start=1)]


def _place(number: int, jobs: list[Job], workers: Mapping[int, Place]) -> PlaceOnMap:
    busy = next((job for job in jobs if job.status in UNDER_WAY), jobs[0])
    words = [f"{job.service} {job.number}" for job in jobs[:FEW]]
    if len(jobs) > FEW:
        words.append(_("and %d more") % (len(jobs) - FEW))
    spot = Spot(
        jobs[0].number,
        "job",
        str(busy.latitude),
        str(busy.longitude),
        JOB_STATUS_TONES[JobStatus(busy.status)],
        str(number),
        _lines([busy.address, *words]),
    )
    found = (worker_spot(job, workers.get(job.pk)) for job in jobs)
    return PlaceOnMap(spot, busy.address, jobs, [one for one in found if one is not None])


def worker_spot(job: Job, place: Place | None) -> Spot | None:
    """Where the worker of a job (worker loaded) is, as far as the customer may know; or None."""
    if place is None or job.worker is None:
        return None
    return Spot(
        f"worker-{job.number}",
        "worker",
        f"{place.latitude:.6f}",
        f"{place.longitude:.6f}",
        job.worker.colour,
        job.worker.name[:1].upper(),
        _lines([job.worker.name, whereabouts(job, place)]),
        place.metres,
    )


def whereabouts(job: Job, place: Place) -> str:
    """Where the worker is, in words: how far from the job, when, and how exact that is."""
    seen = formats.time_format(timezone.localtime(place.at))
    if job.latitude is None or job.longitude is None:
        said = _("seen at %s") % seen
    else:
        apart = metres_between((place.latitude, place.longitude), (job.latitude, job.longitude))
        away = distance_in_words(apart, place.metres)
        said = _("%(away)s, seen at %(time)s") % {"away": away, "time": seen}
    if place.metres:
        return _("%(said)s (to %(metres)d m)") % {"said": said, "metres": place.metres}
    return said


def _lines(words: list[str]) -> str:
    return "\n".join(line for line in words if line)
