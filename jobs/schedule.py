"""The board of the schedule: who does what when, over one day or one week. Reads, and lays out; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.models import Worker
from accounts.working_hours import DAYS, minutes_on
from jobs.choices import OPEN
from jobs.models import Job

# The hours a day shows at least; earlier and later jobs widen it.
FIRST_HOUR, LAST_HOUR = 7, 18
# A job shorter than this is drawn as wide as this, so that its words fit.
SHORTEST_MINUTES = 30
SNAP_MINUTES = 15


@dataclass
class Slot:
    """One job on the board. ``left`` and ``width`` in percent of the day, ``lane`` counts from 0; ``is_outside``: of
    the working hours of its worker."""

    job: Job
    clashes: list[str] = field(default_factory=list)
    is_outside: bool = False
    left: float = 0
    width: float = 0
    lane: int = 0

    @property
    def start(self) -> datetime:
        """Its planned start, in the business's zone."""
        return timezone.localtime(self.job.planned_start)

    @property
    def is_movable(self) -> bool:
        """May it still get another time?"""
        return self.job.has_not_started


@dataclass(frozen=True)
class Off:
    """A stretch of a day on which the worker does not work, in percent of the day."""

    left: float
    width: float


@dataclass
class WorkerDay:
    """One worker's jobs of one day. ``hours``: when she works, in words; ``is_off``: not on this day."""

    day: date
    slots: list[Slot]
    off: list[Off] = field(default_factory=list)
    hours: str = ""
    is_off: bool = False


@dataclass
class Row:
    """One worker, or nobody."""

    worker: Worker | None
    cells: list[WorkerDay]
    lanes: int = 1

    @property
    def minutes(self) -> int:
        """The planned work in this row."""
        return sum(slot.job.duration_minutes for cell in self.cells for slot in cell.slots)


@dataclass(frozen=True)
class Hour:
    """A mark on the time axis, in percent of the day."""

    label: str
    left: float


@dataclass
class Board:
    """What the page shows. ``hours`` only for a day."""

    days: list[date]
    rows: list[Row]
    hours: list[Hour]
    first_minute: int
    last_minute: int

    @property
    def clashes(self) -> int:
        """How many jobs stand in each other's way."""
        return sum(1 for row in self.rows for cell in row.cells for slot in cell.slots if slot.clashes)


def week_of(day: date) -> list[date]:
    """Monday to Sunday around a day."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def build_board(jobs: Iterable[Job], workers: Sequence[Worker], days: Sequence[date]) -> Board:
    """The board of these days. ``jobs``: planned on them, with ``worker`` and ``template`` loaded.

    A job whose worker is not among ``workers`` gets a row of its own worker: nobody's work is lost from sight.
    """
    slots = [Slot(job) for job in jobs]
    shown = {worker.pk: worker for worker in workers}
    for slot in slots:
        if slot.job.worker is not None:
            shown.setdefault(slot.job.worker.pk, slot.job.worker)
    rows = []
    for worker in [*shown.values(), None]:
        key = worker.pk if worker else None
        own = [slot for slot in slots if slot.job.worker_id == key]
        if worker is None and not own:
            continue
        if worker is not None:
            mark_clashes(own)
        cells = [WorkerDay(day, [slot for slot in own if slot.start.date() == day]) for day in days]
        rows.append(Row(worker, cells))
    first, last = _bounds(slots)
    for row in rows:
        for cell in row.cells:
            _mark_hours(row.worker, cell, first, last)
    hours = [Hour(f"{minute // 60:02d}:00", _percent(minute, first, last)) for minute in range(first, last, 60)]
    if len(days) == 1:
        for row in rows:
            row.lanes = _lay_out(row.cells[0].slots, first, last)
    return Board(list(days), rows, hours, first, last)


def _mark_hours(worker: Worker | None, cell: WorkerDay, first: int, last: int) -> None:
    """When the worker does not work on that day, and which of the jobs lie there; nothing when nobody has said."""
    if worker is None or not worker.working_hours:
        return
    works = minutes_on(worker.working_hours, cell.day)
    begin, end = works or (last, last)
    cell.is_off = works is None
    cell.hours = "–".join(worker.working_hours[DAYS[cell.day.weekday()]]) if works else ""
    for start, until in ((first, min(begin, last)), (max(end, first), last)):
        if start < until:
            cell.off.append(Off(_percent(start, first, last), _percent(until - start + first, first, last)))
    for slot in cell.slots:
        if slot.job.status in OPEN:
            slot.is_outside = is_outside_hours(slot.job)


def is_outside_hours(job: Job) -> bool:
    """Does a job (worker loaded) begin before, or end after, its worker works? No, when nobody has said."""
    if job.worker is None or job.planned_start is None or not job.worker.working_hours:
        return False
    start = timezone.localtime(job.planned_start)
    works = minutes_on(job.worker.working_hours, start.date())
    begins = _minutes(start)
    return works is None or begins < works[0] or begins + job.duration_minutes > works[1]


def mark_clashes(slots: Sequence[Slot]) -> None:
    """Names, on each open job of one worker, the others that overlap it."""
    ordered = sorted((slot for slot in slots if slot.job.status in OPEN), key=lambda slot: slot.start)
    for n, slot in enumerate(ordered):
        end = slot.job.planned_end
        for other in ordered[n + 1 :]:
            if end is None or other.start >= end:
                break
            slot.clashes.append(other.job.number)
            other.clashes.append(slot.job.number)


def _minutes(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _bounds(slots: Iterable[Slot]) -> tuple[int, int]:
    first, last = FIRST_HOUR * 60, LAST_HOUR * 60
    for slot in slots:
        start = _minutes(slot.start)
        first = min(first, start // 60 * 60)
        last = max(last, min(24 * 60, -(-(start + slot.job.duration_minutes) // 60) * 60))
    return first, last


def _percent(minute: float, first: int, last: int) -> float:
    return round((minute - first) / (last - first) * 100, 3)


def _lay_out(slots: list[Slot], first: int, last: int) -> int:
    """Gives each slot its place and a lane in which nothing else lies; returns how many lanes that takes."""
    ends: list[float] = []
    for slot in sorted(slots, key=lambda one: one.start):
        start = _minutes(slot.start)
        end = min(last, start + max(slot.job.duration_minutes, SHORTEST_MINUTES))
        slot.left, slot.width = _percent(start, first, last), _percent(first + end - start, first, last)
        lane = next((n for n, taken in enumerate(ends) if taken <= start), len(ends))
        slot.lane = lane
        ends[lane : lane + 1] = [end]
    return max(1, len(ends))


def seen_mark(job: Job) -> str:
    """How a job stands on the board when it is shown: sent back with a move, to notice who was faster."""
    times = "/".join(moment.isoformat() if moment else "" for moment in (job.planned_start, job.window_end))
    return f"{job.status}/{job.worker_id or ''}/{times}"


def facts(board: Board) -> dict[str, int]:
    """The numbers above the board."""
    slots = [slot for row in board.rows for cell in row.cells for slot in cell.slots]
    return {
        "planned": len(slots),
        "clashing": board.clashes,
        "outside": sum(1 for slot in slots if slot.is_outside),
        "overdue": sum(1 for slot in slots if slot.job.is_overdue),
        "done": sum(1 for slot in slots if slot.job.status not in OPEN),
    }
