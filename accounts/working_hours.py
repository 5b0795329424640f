"""When somebody works: {day of the week: [from, until]}, by the clock on the wall. No database.

A day that is missing is a day off. Nothing at all means that nobody has said: then nothing is outside them.
"""

from __future__ import annotations

from datetime import date, time
from itertools import groupby

from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
Hours = dict[str, list[str]]


def clean_hours(raw: object) -> Hours:
    """The hours in their plain form, "HH:MM". Raises ValidationError with the day and what is wrong."""
    if not isinstance(raw, dict) or set(raw) - set(DAYS):
        raise ValidationError(_("Working hours are a start and an end for days of the week."))
    hours: Hours = {}
    for index, day in enumerate(DAYS):
        pair = raw.get(day)
        if not pair or not any(pair):
            continue
        name = WEEKDAYS[index]
        try:
            start, end = (time.fromisoformat(str(one)) for one in pair)
        except ValueError:
            raise ValidationError(_("%s: give both times, such as 07:00 and 16:00.") % name) from None
        if end <= start:
            raise ValidationError(_("%s: the end lies before the start.") % name)
        hours[day] = [f"{start:%H:%M}", f"{end:%H:%M}"]
    return hours


def minutes_on(hours: Hours, day: date) -> tuple[int, int] | None:
    """From and until on a date, in minutes after midnight; None on a day off. Raises KeyError when nobody has said."""
    if not hours:
        raise KeyError("nobody has said when she works")
    pair = hours.get(DAYS[day.weekday()])
    if pair is None:
        return None
    start, end = (time.fromisoformat(one) for one in pair)
    return start.hour * 60 + start.minute, end.hour * 60 + end.minute


def hours_in_words(hours: Hours) -> str:
    """“Mon–Fri 07:00–16:00, Sat 08:00–12:00”; empty when nobody has said."""
    said = []
    for pair, run in groupby(range(7), key=lambda index: hours.get(DAYS[index])):
        if pair is None:
            continue
        days = list(run)
        names = str(WEEKDAYS_ABBR[days[0]])
        if len(days) > 1:
            names = f"{names}–{WEEKDAYS_ABBR[days[-1]]}"
        said.append(f"{names} {pair[0]}–{pair[1]}")
    return ", ".join(said)
