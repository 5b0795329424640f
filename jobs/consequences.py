"""What changes elsewhere do to jobs and portal links. Registered in ``jobs.apps`` where those apps ask for it."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.contact_changes import ContactChanges
from business.models import PortalSettings
from console.reader import Counted, Reader, count_for
from jobs.choices import OPEN
from jobs.models import Job, Occurrence, PortalLink, Series
from jobs.services.contacts import change_contacts_of_jobs, jobs_to_change
from templates_app.hooks import TemplateChange
from templates_app.models import JobTemplate
from templates_app.services import By
from templates_app.values import clean_values


def links_that_die(before: PortalSettings, after: PortalSettings, reader: Reader) -> list[str]:
    """Return sentences on the portal links that stop or start to open; none when the change does not touch them."""
    if before.portal_enabled == after.portal_enabled:
        return []
    count = reader.rows(PortalLink.objects.alive()).count()
    if not count:
        return []
    if after.portal_enabled:
        return [ngettext("%d portal link opens again.", "%d portal links open again.", count) % count]
    return [ngettext("%d portal link stops opening.", "%d portal links stop opening.", count) % count]


class JobsOfContacts:
    """Open jobs, as a customer's contacts are asked about them (``accounts.hooks.ContactCopies``)."""

    permission, scope = "jobs.change_job", "jobs.write"

    def count(self, changes: ContactChanges, *, by: By) -> int:
        """Return how many open jobs still name the contact as it was."""
        return len(jobs_to_change(changes, by=by))

    def question(self, changes: ContactChanges, *, by: By) -> str:
        """Return whether these are to name the contact as it is; who reads it has just changed one."""
        jobs = jobs_to_change(changes, by=by)
        if not jobs:
            return ""
        said = ngettext(
            "%d open job still names the contact as it was: change it too?",
            "%d open jobs still name the contact as it was: change them too?",
            len(jobs),
        )
        addresses = {job.contact_email for job in jobs if job.contact_email}
        if len(addresses) != 1:
            return said % len(jobs)
        # Where their mails go, if nobody changes it.
        return said % len(jobs) + " " + _("Their messages and portal links go to %s.") % addresses.pop()

    def follow(self, changes: ContactChanges, *, by: By) -> int:
        """Have them name the contact as it is."""
        return change_contacts_of_jobs(changes, by=by)


class JobsOfTemplates:
    """Jobs, as a template is asked about them (``templates_app.hooks.TemplateUse``)."""

    def keeps(self, template: JobTemplate, reader: Reader) -> str:
        """Return how many jobs were created from a template, in a sentence; empty without any."""
        jobs = count_for(reader, Job.objects.filter(template=template))
        said = ngettext("%d job was made from it.", "%d jobs were made from it.", jobs.seen) % jobs.seen
        return _with_others(said, jobs)

    def touched(self, template: JobTemplate, change: TemplateChange | None, reader: Reader) -> list[str]:
        """Return how many open jobs keep the steps and fields they were made with, whatever changes in the template."""
        count = reader.rows(Job.objects.filter(template=template).open()).count()
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

    def of_versions(self, template: JobTemplate, reader: Reader) -> dict[int, str]:
        """Return how many jobs were made from each version of a template, and how many of them are open. One query."""
        open_ones = Count("pk", filter=Q(status__in=OPEN))
        rows = reader.rows(Job.objects.filter(template=template)).order_by()
        counted = rows.values_list("blueprint").annotate(made=Count("pk"), open=open_ones)
        return {
            version: ngettext("%(count)d job, %(open)d open", "%(count)d jobs, %(open)d open", count)
            % {"count": count, "open": still}
            for version, count, still in counted
        }

    def follows(self, template: JobTemplate) -> bool:
        """Jobs that are there follow nothing: they keep their version."""
        return False


class SeriesOfTemplates:
    """Series, as a template is asked about them."""

    def keeps(self, template: JobTemplate, reader: Reader) -> str:
        """Return how many series create jobs from a template, in a sentence; empty without any."""
        series = count_for(reader, Series.objects.filter(template=template))
        said = ngettext("%d series makes jobs from it.", "%d series make jobs from it.", series.seen) % series.seen
        return _with_others(said, series)

    def touched(self, template: JobTemplate, change: TemplateChange | None, reader: Reader) -> list[str]:
        """Return which running series make their coming jobs from a template as it is saved, from when on, and which
        could not any more. A fixed number of queries."""
        series = Series.objects.running().filter(template=template).select_related("customer").order_by("name")
        running = list(reader.rows(series))
        if not running:
            return []
        said = [_taken_up(running)]
        if change is not None:
            for one in running:
                said += _what_stands_in_the_way(one, change)
        return said

    def of_versions(self, template: JobTemplate, reader: Reader) -> dict[int, str]:
        """Series are made from no version: their jobs are."""
        return {}

    def follows(self, template: JobTemplate) -> bool:
        """Does a running series make its coming jobs from a template?"""
        return Series.objects.running().filter(template=template).exists()


def _taken_up(running: list[Series]) -> str:
    return ngettext(
        "%(count)d series makes its coming jobs by the new one; those it has made stay as they are: %(series)s.",
        "%(count)d series make their coming jobs by the new one; those made already stay as they are: %(series)s.",
        len(running),
    ) % {"count": len(running), "series": _named_with_dates(running)}


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


def _with_others(said: str, counted: Counted) -> str:
    """What a reader may see of something, and that there is more of it; empty without any."""
    others = _("Records you can't see depend on it too.") if counted.seen else _("Records you can't see depend on it.")
    return " ".join(filter(None, [said if counted.seen else "", others if counted.others else ""]))
