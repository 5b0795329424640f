"""What the address of a page asks for: what is read, what is left out and told, what is refused.

Whatever is typed into an address has one of three fates. A parameter that the page does not declare is refused
(``UnknownParameter``: 400, with a sentence). The value of a declared one that cannot be read, or names nothing this
person may choose, is left out, and the page says so (``leave_out``, ``say_left_out``): the same for a record that
does not exist and for one that is not theirs to see. The rest is read. Why: docs/decisions/0074-addresses.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_AP
from django.utils.formats import get_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from console.moments import MomentField

# Days outside are typing errors, and a day beside the last one there is would be none.
FIRST_YEAR, LAST_YEAR = 1900, 2999
# No day is written with more signs than this.
LONGEST_DAY = 40
# A box takes so many signs: each word is a condition of its own, and a database takes only so many.
LONGEST_SEARCH = 200
# So many values of one parameter are read; nobody ticks more.
MOST_VALUES = 100
# How much of a value is shown again.
SHOWN = 40


class UnknownParameter(SuspiciousOperation):
    """An address asks for something that its page does not offer: Django answers 400 where no page of ours does.

    ``names``: what was asked for; never the values, which may be what somebody is guessing.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__("not offered: " + ", ".join(shortened(name) for name in self.names[:5]))


def shortened(words: str) -> str:
    """A value as it can stand in a sentence: short, without signs that cannot be seen."""
    return Truncator("".join(sign if sign.isprintable() else "�" for sign in words[: 2 * SHOWN])).chars(SHOWN)


def leave_out(request: HttpRequest, sentence: str, name: str = "") -> None:
    """Notes that something in the address was not counted, and why, for the page to say; and for the filter to say
    that takes the parameter of that name."""
    noted = left_out(request)
    if sentence not in noted:
        noted.append(sentence)
    if name and sentence not in (of_filter := _left_out_by_name(request).setdefault(name, [])):
        of_filter.append(sentence)


def left_out(request: HttpRequest) -> list[str]:
    """The sentences about what was left out of this request's address."""
    noted: list[str] = request.__dict__.setdefault("_left_out", [])
    return noted


def _left_out_by_name(request: HttpRequest) -> dict[str, list[str]]:
    noted: dict[str, list[str]] = request.__dict__.setdefault("_left_out_by_name", {})
    return noted


def left_out_of(request: HttpRequest, names: Iterable[str]) -> list[str]:
    """The sentences about what was left out of some parameters: they stay when the page has said them above."""
    noted = _left_out_by_name(request)
    return list(dict.fromkeys(sentence for name in names for sentence in noted.get(name, ())))


def say_left_out(request: HttpRequest) -> None:
    """Puts what was left out above the page, each once."""
    noted = left_out(request)
    while noted:
        messages.warning(request, noted.pop(0))


def keep_readable(
    request: HttpRequest,
    values: Iterable[str],
    readable: Collection[str],
    field: object,
    most: int = MOST_VALUES,
    name: str = "",
) -> list[str]:
    """Return those values of a parameter that there are to choose, each once, ``most`` of them; note the others.

    ``name``: of the parameter, where a filter says it as well. Of a parameter that holds one value the last counts. An
    empty value is what a form sends for "all", and is nobody's mistake.
    """
    kept: list[str] = []
    for value in values:
        if value in readable:
            kept += [value] if value not in kept else []
        elif value:
            words = {"value": shortened(value), "field": field}
            leave_out(request, _("“%(value)s” is nothing to choose for “%(field)s” and was left out.") % words, name)
    if len(kept) <= most:
        return kept
    if most == 1:
        leave_out(request, only_last(field), name)
        return kept[-1:]
    words = {"most": most, "field": field}
    leave_out(request, _("Only the first %(most)d values of “%(field)s” were counted.") % words, name)
    return kept[:most]


def only_last(field: object) -> str:
    """What is said of a parameter that came several times and holds one value."""
    return _("Only the last value of “%s” was counted.") % field


def requested_day(request: HttpRequest, words: str, otherwise: date) -> date:
    """Return the day an address asks for; ``otherwise`` where it asks for none. What is no day is noted."""
    if not words:
        return otherwise
    day = read_day(words)
    if day is None:
        leave_out(request, _("“%s” is not a date.") % shortened(words))
    return day or otherwise


def requested_search(request: HttpRequest, words: str) -> str:
    """Return what is searched for; nothing, which is noted, where it is longer than a box holds."""
    if len(words) <= LONGEST_SEARCH:
        return words
    leave_out(request, _("The search was left out: it can have at most %d characters.") % LONGEST_SEARCH)
    return ""


def leave_out_value(request: HttpRequest, value: str, field: str, problems: Iterable[object]) -> None:
    """Notes that a value was not taken for a field of that name, and why."""
    words = {"value": shortened(value), "field": field, "problem": " ".join(str(problem) for problem in problems)}
    leave_out(request, _("“%(value)s” was left out of “%(field)s”. %(problem)s") % words)


def leave_out_unread(request: HttpRequest, form: forms.Form) -> None:
    """Notes each field of a form filled in by the address (``form`` is bound and validated) that could not be read."""
    for name, problems in form.errors.items():
        leave_out_value(request, str(form.data.get(name, "")), str(form[name].label), problems)


def leave_out_turned_span(
    request: HttpRequest, field: object, first: date | None, last: date | None, name: str
) -> None:
    """Notes that a span from a first day to a last holds no day, for the filter that takes the parameter ``name``."""
    if first is not None and last is not None and first > last:
        said = _("“%s”: the first day is after the last, so nothing is found. Swap the two days.") % field
        leave_out(request, said, name)


def read_day(words: str) -> date | None:
    """A day as people here write it, in any of our languages (2026-11-28, 28.11.2026, 28. November 2026, 28 Nov 2026);
    None for anything else. No slashes: 3/4 is March here and April there.

    The languages do not contradict each other, so an address means the same to the worker and to a colleague who
    reads another language.
    """
    words = words.strip()
    if not words or len(words) > LONGEST_DAY:
        return None
    words = _with_month_in_digits(words)
    for language, _name in settings.LANGUAGES:
        for pattern in get_format("DATE_INPUT_FORMATS", lang=language):
            try:
                day = datetime.strptime(words, pattern).date()
            except ValueError:
                continue
            return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
    return None


@cache
def _months() -> dict[str, int]:
    """The names of the months in each of our languages, whole and short, in small letters and without a full stop."""
    names: dict[str, int] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for table in (MONTHS, MONTHS_3, MONTHS_AP):
                names |= {str(name).lower().rstrip("."): number for number, name in table.items()}
    return names


def _with_month_in_digits(words: str) -> str:
    """“28. November 2026”, “28 Nov. 2026” and “November 28, 2026” as “28.11.2026”; anything else as it is."""
    parts = words.replace(",", " ").split()
    if len(parts) != 3:
        return words
    first, second, year = (part.rstrip(".") for part in parts)
    months = _months()
    if month := months.get(second.lower()):
        return f"{first}.{month}.{year}"
    month = months.get(first.lower())
    return f"{second}.{month}.{year}" if month else words


def start_of(day: date) -> datetime:
    """The first moment of a day, by the clock of the page (aware)."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The first moment after a day: a span "to" a day holds all of it."""
    return start_of(day + timedelta(days=1))


class MomentInAddressField(MomentField):
    """A moment that somebody typed into an address: in a year that has a day before it and one after it."""

    def to_python(self, value: str | datetime | date | None) -> datetime | None:
        moment = super().to_python(value)
        if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class DayField(forms.DateField):
    """A day that somebody typed into an address or a form: read as ``read_day`` does."""

    def to_python(self, value: object) -> date | None:
        if value in self.empty_values:
            return None
        day = read_day(value) if isinstance(value, str) else value
        if not isinstance(day, date):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day
