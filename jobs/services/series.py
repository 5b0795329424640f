"""Repeating jobs: making the series, and making its jobs when they are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from audit.act import Source, acting
from business.holding import is_held
from business.models import Hold
from console.errors import Refused
from console.reach import require_reach
from jobs.models import Occurrence, Series
from jobs.services.creation import NewJob, create_jobs
from templates_app.services import By, freeze_template
from templates_app.values import clean_values

# After a long outage a series catches up in portions, so that no transaction grows without end.
PORTION = 200
EDITABLE = frozenset(
    {
        "name", "customer", "template", "location", "worker", "notes", "asset_id", "values", "rules", "start_time",
        "window_end",
        "starts_on", "ends_on", "count", "create_days_ahead",
    }
)  # fmt: skip


def create_series(facts: Mapping[str, object], *, by: By) -> Series:
    """A new series and at once the jobs that are due; dates before today are not made up for.

    ``facts``: {field: value}, see EDITABLE. Raises KeyError for another field, ValidationError {field: sentences},
    Refused for an archived customer or template, NotAllowed for one that ``by`` may not work with.
    """
    with transaction.atomic(), acting(by=by):
        series = Series(created_by=by if isinstance(by, User) else None)
        _set(series, facts)
        series.settled_until = timezone.localdate() - timedelta(days=1)
        _require_sane(series)
        series.save()
        require_reach(by, series)
        _make_due(series)
        return series


def update_series(series: Series, changes: Mapping[str, object], *, by: By) -> Series:
    """Changes a series; jobs that are made already stay as they are. Raises as ``create_series`` does."""
    with transaction.atomic(), acting(by=by):
        series = _locked(series, by=by)
        before = {name: getattr(series, name) for name in changes if name in EDITABLE}
        _set(series, changes)
        if any(getattr(series, name) != value for name, value in before.items()):
            _require_sane(series)
            series.save()
            # It may be another customer's or template's now.
            require_reach(by, series)
            _make_due(series)
        return series


def pause_series(series: Series, *, by: By) -> Series:
    """No more jobs are made until it is resumed. Those made already stay."""
    with transaction.atomic(), acting(by=by):
        series = _locked(series, by=by)
        if series.paused_at is None:
            series.paused_at = timezone.now()
            series.save()
        return series


def resume_series(series: Series, *, by: By) -> Series:
    """Makes jobs again, from today on: dates that passed during the pause are not made up for."""
    with transaction.atomic(), acting(by=by):
        series = _locked(series, by=by)
        if series.paused_at is not None:
            series.paused_at = None
            series.settled_until = max(series.settled_until, timezone.localdate() - timedelta(days=1))
            series.save()
            _make_due(series)
        return series


def end_series(series: Series, *, by: By, on: date | None = None) -> Series:
    """No date after that day (today if none is given). Jobs made for later dates stay: cancel them if need be."""
    with transaction.atomic(), acting(by=by):
        series = _locked(series, by=by)
        day = on or timezone.localdate()
        if day < series.starts_on:
            raise Refused(_("The series begins on %s: it cannot end before.") % date_format(series.starts_on))
        series.ends_on = day
        series.save()
        return series


def skip_date(series: Series, day: date, *, by: By) -> Occurrence:
    """Leaves one date out. Raises Refused when it is no date of the series, or its job is made already."""
    with transaction.atomic(), acting(by=by):
        series = _locked(series, by=by)
        made = series.occurrences.filter(on=day).select_related("job").first()
        if made is not None and made.is_skipped:
            return made
        if made is not None:
            raise Refused(
                _("The job of %(day)s is made already: %(job)s. Cancel it instead.")
                % {"day": date_format(day), "job": made.job or _("deleted since")}
            )
        if day not in series.dates(until=day):
            raise Refused(_("%s is no date of this series.") % date_format(day))
        return Occurrence.objects.create(series=series, on=day, is_skipped=True)


def unskip_date(series: Series, day: date, *, by: By) -> None:
    """Takes a skip back. Raises Refused when the date is past: its job would come too late."""
    with transaction.atomic(), acting(by=by):
        series = _locked(series, by=by)
        skipped = series.occurrences.filter(on=day, is_skipped=True).first()
        if skipped is None:
            return
        if day < timezone.localdate():
            raise Refused(_("%s has passed.") % date_format(day))
        skipped.delete()
        if day <= series.settled_until:
            _make(series, [day])


@dataclass
class Made:
    """What one round made: jobs, and the series that could not make theirs, with the reason."""

    jobs: int = 0
    problems: dict[str, str] = field(default_factory=dict)


def make_due_occurrences() -> Made:
    """Makes the jobs of all running series that are due: up to ``create_days_ahead`` from today, and whatever an
    outage left out. Each series by itself, so that one that cannot does not stop the others. Safe to run at any time,
    by several at once. Nothing while a restore waits for a decision (``business.holding``).
    """
    made = Made()
    if is_held():
        return made
    for hold in Hold.objects.filter(is_open=False, series_are_settled=False):
        # What the lost time had made is made again first, as a work of its own: its messages may be held.
        with acting(request_id=hold.again_request):
            _make_all_due(made, timezone.localdate(hold.lost_until))
        Hold.objects.filter(pk=hold.pk).update(series_are_settled=True)
    _make_all_due(made, timezone.localdate())
    return made


def _make_all_due(made: Made, today: date) -> None:
    for key in Series.objects.running().values_list("pk", flat=True):
        # A portion at a time, until there is nothing left.
        while True:
            with transaction.atomic():
                series = Series.objects.select_for_update(of=("self",)).filter(pk=key).first()
                if series is None or series.state != "running":
                    break
                before = series.settled_until
                made.jobs += _make_due(series, today)
            if series.problem:
                made.problems[series.name] = series.problem
            # Not by the number of jobs: of a portion some dates may be skipped, and more are due behind it.
            if series.problem or series.settled_until == before:
                break


def _make_due(series: Series, today: date | None = None) -> int:
    """Makes what is due of a locked series; says why on the series when it cannot. How many jobs."""
    if series.paused_at is not None:
        return 0
    until = (today or timezone.localdate()) + timedelta(days=series.create_days_ahead)
    if until <= series.settled_until:
        return 0
    due = series.dates(after=series.settled_until, until=until)
    problem, portion = "", due[:PORTION]
    try:
        with transaction.atomic():
            jobs = _make(series, portion)
    except (Refused, ValidationError) as refusal:
        jobs = 0
        sentences = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
        problem = " ".join(sentences)[:300]
    settled = series.settled_until if problem else portion[-1] if len(due) > PORTION else until
    if (problem, settled) != (series.problem, series.settled_until):
        # Bookkeeping, no decision of anybody: not a row of history.
        series.problem, series.settled_until = problem, settled
        Series.objects.filter(pk=series.pk).update(problem=problem, settled_until=settled)
    return jobs


def _make(series: Series, days: list[date]) -> int:
    known = set(series.occurrences.filter(on__in=days).values_list("on", flat=True))
    days = [day for day in days if day not in known]
    if not days:
        return 0
    with acting(source=Source.SERIES, actor=str(_("Series “%s”") % series.name)[:200]):
        jobs = create_jobs(
            [
                NewJob(
                    customer=series.customer,
                    template=series.template,
                    location=series.location,
                    worker=series.worker,
                    planned_start=series.start_on(day),
                    window_end=series.window_on(day),
                    notes=series.notes,
                    asset_id=series.asset_id,
                    values=series.values,
                )
                for day in days
            ],
            by=None,
            source=Source.SERIES,
        )
        occurrences = [Occurrence(series=series, on=day, job=job) for day, job in zip(days, jobs, strict=True)]
        bulk_create_with_history(occurrences, Occurrence, batch_size=PORTION)
    return len(jobs)


def _locked(series: Series, *, by: By) -> Series:
    found = Series.objects.select_for_update(of=("self",)).filter(pk=series.pk).first()
    if found is None:
        raise Refused(_("This series no longer exists."))
    require_reach(by, found)
    return found


def _set(series: Series, facts: Mapping[str, object]) -> None:
    if unknown := set(facts) - EDITABLE:
        raise KeyError(f"not a fact of a series: {sorted(unknown)}")
    for name, value in facts.items():
        setattr(series, name, value)


def _require_sane(series: Series) -> None:
    series.full_clean(exclude=["settled_until", "created_by"])
    if series.template.archived_at:
        raise Refused(_("The template “%s” is archived. Choose another one.") % series.template)
    if series.customer.archived_at:
        raise Refused(_("%s is archived: it gets no new jobs.") % series.customer)
    if series.worker is not None and not series.worker.is_active:
        raise Refused(_("%s no longer works here. Choose somebody else.") % series.worker)
    if series.location is not None and series.location.customer_id != series.customer_id:
        raise Refused(_("The location belongs to another customer. Choose one of %s.") % series.customer)
    series.values = clean_values(freeze_template(series.template).field_definitions, series.values)
