"""The next number of a series: taken with the document that gets it, lost only with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.choices import SeriesKind
from billing.models import NumberSeries, SeriesYear
from console.errors import Refused


@dataclass(frozen=True)
class Taken:
    """Numbers in a row: the first place, how many, the counter they come from, locked, and the year that is printed."""

    year: SeriesYear
    printed_year: int
    first: int
    count: int

    def number(self, place: int) -> str:
        """The number of one of them, counted from 0."""
        return self.year.series.number(self.printed_year, self.first + place)


def default_series(kind: SeriesKind) -> NumberSeries:
    """The series that new documents of a kind get. Raises Refused where none is set up."""
    series = NumberSeries.objects.filter(kind=kind, is_default=True).first()
    if series is None:
        raise Refused(_("There is no number series for this kind of document yet. Set one up first."))
    return series


def take_document_numbers(series: NumberSeries, on: date, count: int, *, in_order: bool) -> Taken:
    """The next ``count`` numbers for documents of that date, in the caller's transaction, which holds the counter until
    it ends: no double, and no gap.

    ``in_order``: no date before that of the number before it. Raises Refused there, naming that date.
    """
    year = on.year if series.restarts_yearly else 0
    SeriesYear.objects.get_or_create(series=series, year=year)
    counter = SeriesYear.objects.select_for_update(of=("self",)).select_related("series").get(series=series, year=year)
    if in_order and counter.last_issued_on is not None and on < counter.last_issued_on:
        raise Refused(
            _("%(number)s is of %(day)s already, and dates follow the numbers: choose that day or a later one.")
            % {
                "number": counter,
                "day": date_format(counter.last_issued_on, "j M Y"),
            }
        )
    taken = Taken(counter, on.year, counter.last + 1, count)
    counter.last += count
    if count:
        counter.last_issued_on = on if in_order else max(on, counter.last_issued_on or on)
    counter.save(update_fields=["last", "last_issued_on"])
    return taken


def number_to_come(kind: SeriesKind, on: date) -> str:
    """The number that a document of that date gets if none comes before it; empty where no series is set up."""
    series = NumberSeries.objects.filter(kind=kind, is_default=True).first()
    if series is None:
        return ""
    year = on.year if series.restarts_yearly else 0
    last = SeriesYear.objects.filter(series=series, year=year).values_list("last", flat=True).first() or 0
    return series.number(on.year, last + 1)
