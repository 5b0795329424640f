"""Revoking and re-issuing the portal links of a job."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.act import acting
from jobs.choices import EventKind
from jobs.models import PortalLink
from jobs.models.links import note_of_link
from jobs.services.creation import build_link
from jobs.services.life import locked
from jobs.services.recording import record_event
from permissions.errors import Conflict, Refused
from permissions.models import PortalSettings


def revoke_portal_link(link: PortalLink, *, by: Any, reason: str = "") -> PortalLink:
    """Makes a link dead at once. Revoking a dead one changes nothing."""
    with transaction.atomic(), acting(by=by, reason=reason or None):
        job = locked(link.job)
        link = PortalLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        link.job = job
        if link.revoked_at is None:
            link.revoked_at, link.revoked_by = timezone.now(), by
            link.save()
            record_event(link.job, EventKind.LINK_REVOKED)
        return link


def reissue_portal_link(link: PortalLink, *, by: Any) -> PortalLink:
    """A fresh link for the same job; the old one is revoked, and the job's notes name the new one.

    Raises Refused when the job is over: its links are dead by that. Raises Conflict when this one was revoked or
    re-issued before and the job has another that opens: whoever presses twice does not make two doors.
    """
    with transaction.atomic(), acting(by=by):
        job = locked(link.job)
        if not job.is_open:
            raise Refused(_("%s is over: a new link would be dead at once.") % job.number)
        was_revoked = PortalLink.objects.filter(pk=link.pk, revoked_at__isnull=False).exists()
        if was_revoked and PortalLink.objects.alive().filter(job=job).exists():
            raise Conflict(_("%s has a newer link that opens. Re-issue that one.") % job.number)
        old = revoke_portal_link(link, by=by)
        fresh = build_link(job, PortalSettings.load())
        fresh.save()
        if old.url in job.notes:
            job.notes = job.notes.replace(old.url, fresh.url)
        else:
            job.notes = "\n".join(filter(None, [job.notes, note_of_link(fresh.token)]))
        job.save()
        record_event(job, EventKind.LINK_REISSUED)
        return fresh
