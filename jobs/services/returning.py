"""What a job needs that comes back after it was deleted."""

from __future__ import annotations

from django.db import transaction

from audit.act import acting
from business.models import PortalSettings
from jobs.link_in_text import names_link, note_of_link
from jobs.models import Job, PortalLink
from jobs.models.payloads import LinkReissued
from jobs.services.creation import build_link
from jobs.services.life import locked
from jobs.services.recording import record_event
from templates_app.services import By


def replace_lost_links(job: Job, *, by: By) -> PortalLink | None:
    """A fresh link for a job that has none: its notes name it from now on, in place of one that is gone for good.

    Jobs that would not get a link when they are made, and whose notes name none, get none. Returns the link.
    """
    with transaction.atomic(), acting(by=by):
        job, settings = locked(job, by=by), PortalSettings.load()
        is_named = names_link(job.notes)
        if job.portal_links.exists() or not (is_named or (job.template_id and settings.link_in_notes)):
            return None
        link = build_link(job, settings)
        link.save()
        if not is_named:
            job.notes = "\n".join(filter(None, [job.notes, note_of_link()]))
            job.save()
        record_event(job, LinkReissued())
        return link
