"""What a job needs that comes back after it was deleted."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from audit.act import acting
from jobs.choices import EventKind
from jobs.models import Job, PortalLink
from jobs.models.links import TOKEN_LENGTH, address_around_token, note_of_link
from jobs.services.creation import build_link
from jobs.services.life import locked
from jobs.services.recording import record_event
from permissions.models import PortalSettings


def replace_lost_links(job: Job, *, by: Any) -> PortalLink | None:
    """A fresh link for a job that has none, and its notes name it, in place of links that are gone for good.

    Jobs that would not get a link when they are made, and whose notes name none, get none. Returns the link.
    """
    with transaction.atomic(), acting(by=by):
        job, settings = locked(job), PortalSettings.load()
        lost = _lost_links_in(job.notes)
        if job.portal_links.exists() or not (lost or (job.template_id and settings.link_in_notes)):
            return None
        link = build_link(job, settings)
        link.save()
        if not lost:
            job.notes = "\n".join(filter(None, [job.notes, note_of_link(link.token)]))
        for address in lost:
            job.notes = job.notes.replace(address, link.url)
        job.save()
        record_event(job, EventKind.LINK_REISSUED)
        return link


def _lost_links_in(notes: str) -> set[str]:
    """The addresses of portal links named there that are no more."""
    before, after = map(re.escape, address_around_token())
    named = {
        found[0]: found[1] for found in re.finditer(rf"{before}([A-Za-z0-9_-]{{16,{TOKEN_LENGTH}}}){after}", notes)
    }
    known = set(PortalLink.objects.filter(token__in=named.values()).values_list("token", flat=True))
    return {address for address, token in named.items() if token not in known}
