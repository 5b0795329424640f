"""Numbers of documents: without gaps, given when a document is posted."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audit.history import History
from audit.one_line import OneLine
from billing.choices import SeriesKind
from console.scope import ScopedQuerySet

# What a pattern may hold between braces, each once: the year and the running number.
_PIECES = ("{year}", "{number}")
MAX_DIGITS = 10


class NumberSeries(models.Model):
    """A series of numbers. Once one was given, its pattern stays."""

    name = OneLine(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("for"), max_length=12, choices=SeriesKind.choices)
    pattern = OneLine(
        _("pattern"),
        max_length=20,
        help_text=_("{year} and {number} are filled in: R-{year}-{number} makes R-2026-000045."),
    )
    digits = models.PositiveSmallIntegerField(_("digits of the number"), default=6)
    restarts_yearly = models.BooleanField(_("begins anew each year"), default=True)
    is_default = models.BooleanField(_("used for new documents"), default=False)

    objects = ScopedQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(is_default=True),
                name="one_default_series",
                violation_error_message=_("Another series is used for new documents of this kind already."),
            ),
            models.UniqueConstraint(
                fields=["pattern"],
                name="one_series_of_a_pattern",
                violation_error_message=_("Another series makes the same numbers."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        problems = {}
        left = self.pattern
        for piece in _PIECES:
            left = left.replace(piece, "", 1)
        if "{number}" not in self.pattern:
            problems["pattern"] = _t("Without {number} every document would have the same number.")
        elif "{" in left or "}" in left:
            problems["pattern"] = _t("Only {year} and {number} are filled in, each once.")
        elif self.restarts_yearly and "{year}" not in self.pattern:
            problems["pattern"] = _t("Numbers that begin anew each year need {year}, or the same ones come again.")
        if not 1 <= self.digits <= MAX_DIGITS:
            problems["digits"] = _t("Between 1 and %s digits.") % MAX_DIGITS
        if problems:
            raise ValidationError(problems)

    def number(self, year: int, counter: int) -> str:
        """The number of that place, as it is printed."""
        return self.pattern.replace("{number}", f"{counter:0{self.digits}d}").replace("{year}", str(year))

    @property
    def example(self) -> str:
        """What the first number looks like."""
        return self.number(2026, 1)


class SeriesYear(models.Model):
    """How far a series is in a year. Locked while numbers are taken: no double, no gap."""

    series = models.ForeignKey(NumberSeries, models.PROTECT, related_name="years", verbose_name=_("number series"))
    # 0 where numbers never begin anew.
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveBigIntegerField(_("last number"), default=0)
    last_issued_on = models.DateField(_("date of the last document"), null=True)
    # The seal of the last document: the next one is sealed upon it.
    last_seal = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("year of a number series")
        verbose_name_plural = _("years of number series")
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year"],
                name="one_counter_a_year",
                violation_error_message=_("This year is counted already."),
            )
        ]

    def __str__(self) -> str:
        printed = self.year or (self.last_issued_on.year if self.last_issued_on else 0)
        return self.series.number(printed, self.last)
