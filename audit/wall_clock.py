"""A time on the clock on the wall, in a zone: the moment it is, or the two it could be.

When clocks go forward, some times of day do not exist; when they go back, some come twice. Nobody guesses which moment
is meant: whoever reads a time from outside asks ``moment_at``, and says what it raises. Why:
docs/decisions/0152-clocks-that-change.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from datetime import timezone as fixed
from functools import cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# What people call them where they live; others are called the same everywhere.
_ZONES: dict[str, str | Promise] = {"CET": gettext_lazy("CET"), "CEST": gettext_lazy("CEST")}


class NotOneMoment(ValueError):
    """A time of day that does not exist, or comes twice, on that day in that zone.

    ``wall``: the naive time; ``moments``: the two it could be, the earlier first; ``comes_twice``: else it is skipped.
    """

    def __init__(self, wall: datetime, zone: tzinfo, moments: tuple[datetime, datetime], *, comes_twice: bool) -> None:
        super().__init__(wall, str(zone))
        self.wall, self.zone, self.moments, self.comes_twice = wall, zone, moments, comes_twice

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """Say to a person what is wrong and what to choose from."""
        first, second = self.labels
        facts = {
            "time": self.wall.strftime("%H:%M"),
            "day": date_format(self.wall, "j F Y"),
            "first": first,
            "second": second,
        }
        if self.comes_twice:
            return _("%(time)s comes twice on %(day)s. Choose %(first)s or %(second)s.") % facts
        return _("%(time)s doesn't exist on %(day)s: the clocks go forward. Choose %(first)s or %(second)s.") % facts

    @property
    def written(self) -> str:
        """Say it behind a value in a file or a request, with the two ways to write what is meant."""
        facts = dict(zip(("first", "second"), map(written_exactly, self.moments), strict=True))
        if self.comes_twice:
            return _("comes twice on that day: write %(first)s or, for the second time, %(second)s") % facts
        return _("doesn't exist on that day, as the clocks go forward: write %(first)s or %(second)s") % facts

    @property
    def labels(self) -> tuple[str, str]:
        """What people call the two moments: 02:30 in summer time (CEST, UTC+02:00)."""
        first, second = (moment.astimezone(self.zone) for moment in self.moments)
        return self._label(first, second), self._label(second, first)

    def _label(self, moment: datetime, other: datetime) -> str:
        style = "H:i" if moment.date() == self.wall.date() else "j F Y, H:i"
        time = date_format(moment, style)
        if not self.comes_twice:
            return time
        offset, name = moment.strftime("%z"), moment.tzname() or ""
        # Zones without a name of their own repeat their offset.
        names = [str(_ZONES.get(name, name))] if name.isalpha() else []
        facts = {"time": time, "zone": ", ".join([*names, f"UTC{offset[:3]}:{offset[3:5]}"])}
        # Ireland and Morocco count the other way round: their offset says it.
        if _is_summer(moment):
            return _("%(time)s in summer time (%(zone)s)") % facts
        if _is_summer(other):
            return _("%(time)s in winter time (%(zone)s)") % facts
        return _("%(time)s (%(zone)s)") % facts


def moments_at(wall: datetime, zone: tzinfo | None = None) -> tuple[datetime, ...]:
    """Return the moment at which the clocks of a zone show that naive time, or the two it could be, the earlier first.

    A time that comes twice is either of them. One that is skipped is as long after the last moment before the change,
    or before the first one after it, as if the clocks had not changed: 01:30 or 03:30 for 02:30. ``zone``: the active
    one unless given.

    Moments have a fixed offset: in a zone, Python compares two of the hour that comes twice by what the clock shows.
    """
    zone = zone or timezone.get_current_timezone()
    # Twenty thousand times in a file: as few steps as it takes.
    there = wall.replace(tzinfo=zone, fold=0)
    before, after = _offset(there), _offset(there.replace(fold=1))
    if before == after:
        return (_with_offset(wall, before),)
    if before > after:
        return _with_offset(wall, before), _with_offset(wall, after)
    # Skipped: each as the clock shows it then.
    return tuple(pinned(_with_offset(wall, offset).astimezone(zone)) for offset in (after, before))


def moment_at(wall: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the one moment of a naive time, with a fixed offset. Raises NotOneMoment."""
    zone = zone or timezone.get_current_timezone()
    moments = moments_at(wall, zone)
    if len(moments) == 1:
        return moments[0]
    first, second = moments
    raise NotOneMoment(wall, zone, (first, second), comes_twice=comes_twice(wall, zone))


def moment_after(start: datetime, wall: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the first moment after ``start`` (aware) at which the clocks show a naive time.

    Raises NotOneMoment where they skip it.
    """
    moments = moments_at(wall, zone)
    if len(moments) > 1 and not comes_twice(wall, zone):
        return moment_at(wall, zone)
    return next((moment for moment in moments if moment > start), moments[-1])


def planned_moment(wall: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the moment that a repeating time of day means, where nobody can be asked.

    One that comes twice is the first; one that is skipped is as much later by the clock as the clocks go forward.
    """
    moments = moments_at(wall, zone)
    return moments[0] if len(moments) == 1 or comes_twice(wall, zone) else moments[1]


def comes_twice(wall: datetime, zone: tzinfo | None = None) -> bool:
    """Do the clocks of a zone show that naive time twice?"""
    zone = zone or timezone.get_current_timezone()
    first, second = (_offset(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    return first > second


def is_one_of_two(moment: datetime) -> bool:
    """Do the reader's clocks show the time of this moment (aware) twice on that day?"""
    return comes_twice(timezone.localtime(moment).replace(tzinfo=None))


def pinned(moment: datetime) -> datetime:
    """Return the same moment with a fixed offset, which compares with every other and can be counted on from."""
    return _with_offset(moment.replace(tzinfo=None), _offset(moment))


def can_be_kept(moment: datetime) -> bool:
    """Can a database keep this moment (aware), and every zone show it?

    PostgreSQL takes no offset of 16 hours or more, and no clock has ever had one; of the first and of the last year
    there is, some moments lie outside in some zones.
    """
    return abs(_offset(moment)) < timedelta(hours=16) and 1 < moment.year < 9999


def written_exactly(moment: datetime) -> str:
    """Return a moment (aware) as every reader of ours takes it, to the minute: 2027-10-31T02:30+01:00."""
    return moment.replace(second=0, microsecond=0).isoformat(timespec="minutes")


def _is_summer(moment: datetime) -> bool:
    return (moment.dst() or timedelta(0)) > timedelta(0)


def _with_offset(wall: datetime, offset: timedelta) -> datetime:
    return wall.replace(tzinfo=_fixed(offset), fold=0)


# No more than there are offsets.
_fixed = cache(fixed)


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("an aware time is needed")
    return offset
