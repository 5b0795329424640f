"""What changes elsewhere do to jobs and portal links. Registered in ``jobs.apps`` where those apps ask for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import ngettext

from jobs.models import Job, PortalLink, Series
from jobs.services.recording import search_text_of
from permissions.models import PortalSettings
from templates_app.models import JobTemplate


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


def jobs_that_hang_on(template: JobTemplate) -> str:
    """How many jobs were made from a template, in a sentence; empty without any."""
    count = Job.objects.filter(template=template).count()
    return ngettext("%d job was made from it.", "%d jobs were made from it.", count) % count if count else ""


def jobs_that_keep_their_version(template: JobTemplate) -> str:
    """How many open jobs keep the steps and fields they were made with, whatever changes in the template."""
    count = Job.objects.filter(template=template).open().count()
    if not count:
        return ""
    return (
        ngettext(
            "%d open job keeps its steps and fields as they were.",
            "%d open jobs keep their steps and fields as they were.",
            count,
        )
        % count
    )


def series_that_take_it_up(template: JobTemplate) -> str:
    """How many running series make their coming jobs from a template as it is saved."""
    count = Series.objects.running().filter(template=template).count()
    if not count:
        return ""
    return (
        ngettext(
            "%d series makes its coming jobs by the new one; those it has made stay as they are.",
            "%d series make their coming jobs by the new one; those they have made stay as they are.",
            count,
        )
        % count
    )


def series_that_hang_on(template: JobTemplate) -> str:
    """How many series make jobs from a template, in a sentence; empty without any."""
    count = Series.objects.filter(template=template).count()
    return ngettext("%d series makes jobs from it.", "%d series make jobs from it.", count) % count if count else ""
