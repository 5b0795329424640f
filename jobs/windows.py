"""Windows of time that customers are promised ("between 8 and 10"): from a job's planned start to its window's end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.wall_clock import moment_after, pinned, planned_moment

# No customer is promised a longer window.
LONGEST_WINDOW = timedelta(days=1)
# Over midnight nobody promises a longer one: 22:00-02:00 is a window, 10:00-08:00 is a slip.
LONGEST_NIGHT = timedelta(hours=12)


def length_of_window(start: time, end: time) -> timedelta:
    """How long a window is between two times of a day, or of a day and the night after.

    Raises ValidationError where that would be no window.
    """
    day = date(2000, 1, 1)
    length = datetime.combine(day, end) - datetime.combine(day, start)
    if length <= timedelta(0):
        length += timedelta(days=1)
        if length > LONGEST_NIGHT:
            raise ValidationError(_("The window ends before it begins."))
    return length


def end_of_window(start: datetime, end: time) -> datetime:
    """The moment at which a window ends that begins at ``start`` (aware) and ends at a time of the business's day: the
    first after its start at which the clock shows it.

    Raises ValidationError where that would be no window, NotOneMoment where the clocks skip that time.
    """
    begin = timezone.localtime(start).replace(tzinfo=None)
    return moment_after(pinned(start), begin + length_of_window(begin.time(), end))


def moved_window(start: datetime | None, window_end: datetime | None, to: datetime) -> datetime | None:
    """The end of a job's window when its planned start moves: as long after it on the clock on the wall."""
    if start is None or window_end is None:
        return None
    length = timezone.localtime(window_end).replace(tzinfo=None) - timezone.localtime(start).replace(tzinfo=None)
    if length <= timedelta(0):
        # The clocks go back within it.
        length = window_end - start
    return _after(to, length)


def _after(start: datetime, length: timedelta) -> datetime:
    """So much later on the clock on the wall; in the hour that the clocks skip or repeat, so much later in time."""
    start = pinned(start)
    end = planned_moment(timezone.localtime(start).replace(tzinfo=None) + length)
    return end if end > start else start + length


def why_no_window(start: datetime | None, window_end: datetime) -> str:
    """Why a window cannot end then; empty where it can."""
    if start is None:
        return _("A window of time needs a planned start.")
    if window_end <= start:
        return _("The window ends before it begins.")
    if window_end - start > LONGEST_WINDOW:
        return _("A window of time is a day long at most.")
    return ""


def with_window(start: datetime | None, window_end: datetime | None, style: str) -> str:
    """A start (aware) on the reader's clock, with its window's end if it has one: Thu 10 Dec, 08:00–10:00.

    Empty for no start. ``style``: a date format that ends in the time of day.
    """
    if start is None:
        return ""
    said = date_format(timezone.localtime(start), style)
    return f"{said}–{date_format(timezone.localtime(window_end), 'H:i')}" if window_end else said
