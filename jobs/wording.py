"""When something is, and how far away somebody is, in words for the office."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from jobs.windows import with_window


def day_and_hour(moment: datetime, window_end: datetime | None = None) -> str:
    """With its year where that is not this one: a file brings jobs that were asked for long ago."""
    is_this_year = timezone.localtime(moment).year == timezone.localtime().year
    return with_window(moment, window_end, "D j M, H:i" if is_this_year else "D j M Y, H:i")


def distance_in_words(metres: float, coarse: int = 0) -> str:
    """How far away, as people say it: “about 1.5 km away”. No finer than ``coarse`` metres, as the place is known."""
    step = max(coarse, 100 if metres < 1_000 else 500 if metres < 10_000 else 1_000)
    if metres < step:
        return _("less than %s away") % _length(step)
    return _("about %s away") % _length(round(metres / step) * step)


def _length(metres: float) -> str:
    if metres < 1_000:
        return _("%d m") % metres
    return _("%s km") % number_format(metres / 1_000, 0 if metres >= 10_000 or metres % 1_000 == 0 else 1)
