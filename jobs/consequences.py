"""What changes elsewhere do to jobs and portal links. Registered in ``jobs.apps`` where those apps ask for it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.act import current_act
from jobs.choices import OPEN
from jobs.models import Job, Occurrence, PortalLink, Series
from jobs.services.changes import delete_job
from jobs.services.recording import search_text_of
from jobs.services.returning import replace_lost_links
from permissions.models import PortalSettings
from templates_app.models import JobTemplate
from templates_app.services import TemplateChange
from templates_app.values import clean_values


def links_that_die(before: PortalSettings, after: PortalSettings) -> list[str]:
    """Sentences on the portal links that stop or start to open; none when the change does not touch them."""
    if before.portal_enabled == after.portal_enabled:
        return []
    count = PortalLink.objects.alive().count()
    if not count:
        return []
    if after.portal_enabled:
        return [ngettext("%d portal link opens again.", "%d portal links open again.", count) % count]
    return [ngettext("%d portal link stops opening.", "%d portal links stop opening.", count) % count]


def find_by_new_customer(jobs: list[Job]) -> list[str]:
    """Jobs that were given another customer are found by her name."""
    for job in jobs:
        job.search_text = search_text_of(job)
    return ["search_text"]


def find_restored(job: Any) -> None:
    """A job that got old values back is found by them."""
    job.search_text = search_text_of(job)


def remove_made(job: Any) -> None:
    """A job that is taken back goes as any job that is deleted."""
    delete_job(job, by=current_act().by)


def give_a_link(job: Any) -> None:
    """A job that came back gets a portal link: those it had are gone for good."""
    replace_lost_links(job, by=current_act().by)


def jobs_that_hang_on(template: JobTemplate) -> str:
    """How many jobs were made from a template, in a sentence; empty without any."""
    count = Job.objects.filter(template=template).count()
    return ngettext("%d job was made from it.", "%d jobs were made from it.", count) % count if count else ""


def jobs_that_keep_their_version(template: JobTemplate, change: TemplateChange | None) -> list[str]:
    """How many open jobs keep the steps and fields they were made with, whatever changes in the template."""
    count = Job.objects.filter(template=template).open().count()
    if not count:
        return []
    return [
        ngettext(
            "%d open job keeps its steps, fields and price as they were.",
            "%d open jobs keep their steps, fields and prices as they were.",
            count,
        )
        % count
    ]


def series_that_take_it_up(template: JobTemplate, change: TemplateChange | None) -> list[str]:
    """Which running series make their coming jobs from a template as it is saved, from when on, and which of them
    could not any more. A fixed number of queries."""
    running = list(Series.objects.running().filter(template=template).select_related("customer").order_by("name"))
    if not running:
        return []
    said = [
        ngettext(
            "%(count)d series makes its coming jobs by the new one; those it has made stay as they are: %(series)s.",
            "%(count)d series make their coming jobs by the new one; those made already stay as they are: %(series)s.",
            len(running),
        )
        % {"count": len(running), "series": _named_with_dates(running)}
    ]
    if change is not None:
        for series in running:
            said += _what_stands_in_the_way(series, change)
    return said


def _named_with_dates(running: list[Series], most: int = 5) -> str:
    """The first few series with the first date each makes by the new template."""
    shown = running[:most]
    skipped: dict[int, set[date]] = {}
    for key, day in Occurrence.objects.filter(series__in=shown, is_skipped=True).values_list("series_id", "on"):
        skipped.setdefault(key, set()).add(day)
    named = []
    for series in shown:
        coming = series.next_dates(1, after=series.settled_until, skipped=skipped.get(series.pk, set()))
        from_when = _("from %s") % date_format(coming[0], "j M Y") if coming else _("no date left")
        named.append(f"{series.name} ({from_when})")
    more = len(running) - most
    return ", ".join(named) + (f" {_('and %d more') % more}" if more > 0 else "")


def _what_stands_in_the_way(series: Series, change: TemplateChange) -> list[str]:
    """Why a series could make no more jobs: it fills in a field that goes, or a value that is no choice any more."""
    try:
        clean_values(change.fields, series.values)
    except ValidationError as problem:
        return [
            _("“%(series)s” could make no more jobs: %(why)s Change what it fills in first.")
            % {"series": series.name, "why": " ".join(problem.messages)}
        ]
    return []


def jobs_of_versions(template: JobTemplate, user: Any) -> dict[int, str]:
    """How many jobs were made from each version of a template, and how many of them are open. One query."""
    open_ones = Count("pk", filter=Q(status__in=OPEN))
    rows = Job.objects.visible_to(user).filter(template=template).order_by()
    counted = rows.values_list("blueprint").annotate(made=Count("pk"), open=open_ones)
    return {
        version: ngettext("%(count)d job, %(open)d open", "%(count)d jobs, %(open)d open", count)
        % {"count": count, "open": still}
        for version, count, still in counted
    }


def has_running_series(template: JobTemplate) -> bool:
    """Does a running series make its coming jobs from a template?"""
    return Series.objects.running().filter(template=template).exists()


def series_that_hang_on(template: JobTemplate) -> str:
    """How many series make jobs from a template, in a sentence; empty without any."""
    count = Series.objects.filter(template=template).count()
    return ngettext("%d series makes jobs from it.", "%d series make jobs from it.", count) % count if count else ""
