"""Repeating jobs: what they are like, when they come, and which of them were made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.models import Customer, Location, Worker
from audit.declarations import LazyFunction
from audit.history import History
from audit.keyless import KeylessJSON, KeylessText
from audit.one_line import OneLine
from audit.take_back import TakeBack
from audit.wall_clock import NotOneMoment, planned_moment
from console.scope import Scope, ScopedQuerySet
from jobs.models.jobs import Job
from jobs.recurrence import Rule, clean_rules, dates_of, rules_in_words
from jobs.windows import end_of_window, length_of_window, with_window
from templates_app.models import JobTemplate

if TYPE_CHECKING:
    from permissions.resolver import Rights


class RulesField(models.JSONField):
    """Rules of repetition, which the history tells as the sentence they are."""

    @staticmethod
    def in_words(value: Sequence[Rule]) -> str:
        return rules_in_words(value) if value else ""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class SeriesQuerySet(ScopedQuerySet["Series"]):
    def running(self) -> SeriesQuerySet:
        """Series that still make jobs. Asks at once which have used up their number of times."""
        return self.exclude(self._over()).filter(paused_at__isnull=True)

    def ended(self) -> SeriesQuerySet:
        """Series whose last day is past, or the last of their number of times. Asks at once which these are."""
        return self.filter(self._over())

    def _over(self) -> Q:
        # What the rules give is worked out date by date: there is no column to ask.
        counted = SeriesQuerySet(self.model).filter(count__isnull=False)
        used_up = [series.pk for series in counted if series.is_used_up]
        return Q(ends_on__isnull=False, ends_on__lt=timezone.localdate()) | Q(pk__in=used_up)

    def for_portal(self, rights: Rights) -> SeriesQuerySet:
        """The series a portal user may see: those whose jobs she may see."""
        customers = rights.customers_allowing("view_jobs")
        if not customers:
            return self.none()
        return self.filter(customers.condition("customer"), template__in=rights.template_ids)


class Series(models.Model):
    """A job that comes again. All dates and the time of day are those of the business's zone.

    Changed through ``jobs.services``. A change reaches only occurrences that are not made yet.
    """

    name = OneLine(_("name"), max_length=120, help_text=_("What the office calls it: Acme, weekly exchange."))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="series", verbose_name=_("customer"))
    template = models.ForeignKey(JobTemplate, models.PROTECT, related_name="series", verbose_name=_("template"))
    location = models.ForeignKey(
        Location, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    worker = models.ForeignKey(
        Worker, models.PROTECT, null=True, blank=True, related_name="series", verbose_name=_("worker")
    )
    notes = KeylessText(_("notes"), blank=True, help_text=_("Copied into each of its jobs."))
    asset_id = OneLine(_("asset ID"), max_length=80, blank=True)
    values = KeylessJSON(_("fields"), default=dict, blank=True)
    rules = RulesField(_("repeats"), default=list)
    start_time = models.TimeField(
        _("at"), default=time(8), help_text=_("The planned start of each job, by the clock on the wall.")
    )
    window_end = models.TimeField(
        _("window until"),
        null=True,
        blank=True,
        help_text=_("The customer is told a window of time, from the start until then. Empty: the start alone."),
    )
    starts_on = models.DateField(_("from"), help_text=_("Every few days or weeks are counted from this day."))
    ends_on = models.DateField(_("until"), null=True, blank=True, help_text=_("Empty: until you end it."))
    count = models.PositiveIntegerField(
        _("how many times"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as often as the dates allow. Skipped dates count."),
    )
    create_days_ahead = models.PositiveSmallIntegerField(
        _("made ahead"),
        default=14,
        validators=[MaxValueValidator(366)],
        help_text=_("Days before its date each job is made, so that it shows on the schedule."),
    )
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    # Every date up to this one is settled: made, skipped, or passed during a pause.
    settled_until = models.DateField(editable=False)
    # Why the last attempt to make its jobs failed, for the office to read; empty when it did not.
    problem = models.CharField(_("problem"), max_length=300, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = SeriesQuerySet.as_manager()
    history = History(excluded_fields=["settled_until", "problem"])
    if TYPE_CHECKING:
        # Where it was fetched along: the dates that are left out.
        skipped: list[Occurrence]
    scope = Scope(customer="customer", template="template")
    take_back = TakeBack(before_save=LazyFunction("jobs.take_back_rules.settle_anew"))

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = pgettext_lazy("several", "series")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="series_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def history_customer_id(self) -> int | None:
        return self.customer_id

    def clean(self) -> None:
        try:
            self.rules = clean_rules(self.rules)
        except ValidationError as error:
            raise ValidationError({"rules": error.messages}) from error
        for name in ("starts_on", "ends_on"):
            day = getattr(self, name)
            if day is not None and not 2000 <= day.year < 2200:
                raise ValidationError({name: _t("This is not a date of our time.")})
        if self.window_end is not None and self.start_time is not None:
            try:
                length_of_window(self.start_time, self.window_end)
            except ValidationError as error:
                raise ValidationError({"window_end": error.messages}) from error
        if self.ends_on and self.starts_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _t("The last day lies before the first.")})

    @property
    def sentence(self) -> str:
        """When it comes, in words: “Every weekday, Monday to Friday, at 08:00”."""
        start, end = self.start_time.strftime("%H:%M"), self.window_end
        at = _t("at %s") % start
        if end is not None:
            at = _t("between %(start)s and %(end)s") % {"start": start, "end": end.strftime("%H:%M")}
        said = [rules_in_words(self.rules), at]
        if self.ends_on:
            said.append(_t("until %s") % date_format(self.ends_on, "j M Y"))
        if self.count:
            said.append(ngettext("%d time", "%d times", self.count) % self.count)
        if self.is_used_up:
            said.append(_t("all of them past"))
        return ", ".join(said)

    @property
    def state(self) -> str:
        """running, paused or ended."""
        if self.is_used_up or (self.ends_on and self.ends_on < timezone.localdate()):
            return "ended"
        return "paused" if self.paused_at else "running"

    @property
    def is_used_up(self) -> bool:
        """Is it made for a number of times, and is the last of them past?"""
        if self.count is None:
            return False
        today = timezone.localdate()
        return not any(
            day >= today for day in dates_of(self.rules, self.starts_on, last=self.ends_on, count=self.count)
        )

    def dates(self, after: date | None = None, until: date | None = None) -> list[date]:
        """The dates of the rules after one day and up to another (the end of the series if none is given)."""
        last = min((day for day in (until, self.ends_on) if day is not None), default=None)
        if last is None and self.count is None:
            raise ValueError("an endless series needs a day to stop at")
        every = dates_of(self.rules, self.starts_on, last=last, count=self.count)
        return [day for day in every if after is None or day > after]

    def next_dates(self, number: int = 10, after: date | None = None, skipped: set[date] | None = None) -> list[date]:
        """Its next dates after a day (yesterday if none is given) that are not skipped.

        One query, unless the caller knows which are ``skipped``.
        """
        begin = after or timezone.localdate() - timedelta(days=1)
        if skipped is None:
            skipped = set(self.occurrences.filter(is_skipped=True).values_list("on", flat=True)) if self.pk else set()
        every = dates_of(self.rules, self.starts_on, last=self.ends_on, count=self.count)
        return list(islice((day for day in every if day > begin and day not in skipped), number))

    def start_on(self, day: date) -> datetime:
        """The planned start on a day, aware. A time the clocks jump over becomes the same moment an hour later by the
        clock; one that comes twice is the first."""
        return timezone.localtime(planned_moment(datetime.combine(day, self.start_time)))

    def window_on(self, day: date) -> datetime | None:
        """The end of the window on a day, aware; None where the customer is told the start alone."""
        if self.window_end is None:
            return None
        start = self.start_on(day)
        try:
            return end_of_window(start, self.window_end)
        except (ValidationError, NotOneMoment):
            # The clocks skip its end, and it is as long as on other days.
            return start + length_of_window(self.start_time, self.window_end)

    def is_moved_on(self, day: date) -> bool:
        """Do the clocks skip the hour at which it would begin on that day?"""
        return self.start_on(day).time() != self.start_time

    def times_on(self, day: date) -> str:
        """When it comes on a day by the clock, which may skip the planned hour: 08:00, or 08:00–10:00."""
        return with_window(self.start_on(day), self.window_on(day), "H:i")


class Occurrence(models.Model):
    """One date of a series: the job that was made for it, or that it was skipped. No date twice."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="occurrences", verbose_name=_("series"))
    on = models.DateField(_("date"))
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, blank=True, related_name="occurrence", verbose_name=_("job")
    )
    is_skipped = models.BooleanField(_("skipped"), default=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="series__customer", template="series__template")
    take_back = TakeBack(remove=LazyFunction("jobs.take_back_rules.remove_occurrence"))

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "on"],
                name="one_occurrence_per_date",
                violation_error_message=_("This series already has that date."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.series}, {self.on:%Y-%m-%d}"

    def history_customer_id(self) -> int | None:
        return self.series.customer_id
