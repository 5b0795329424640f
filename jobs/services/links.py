"""The portal links of a job: who reads their addresses, revoking and re-issuing."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.act import acting
from business.models import PortalSettings
from console.errors import Conflict, Refused
from jobs.link_in_text import names_link, note_of_link
from jobs.models import Job, PortalLink
from jobs.models.payloads import LinkReissued, LinkRevoked
from jobs.services.creation import build_link
from jobs.services.life import locked
from jobs.services.recording import record_event
from templates_app.services import By


def link_address_for(user: User | AnonymousUser, job: Job | None) -> str:
    """The address that stands for a job's portal link where this member of staff reads it: of the newest link that
    opens, if they may copy it; else empty."""
    link = PortalLink.objects.copyable_by(user).filter(job=job).first() if job is not None else None
    return link.url if link is not None else ""


def link_address_of(job: Job | None) -> str:
    """The same for those it is for: the recipient of a message. A link that opens no more still says whom to call;
    empty when the job never had one, or is gone. Raises CannotDecrypt when this process lacks the key of it: a letter
    without its link is worse than one that comes later."""
    if job is None:
        return ""
    links = PortalLink.objects.filter(job=job)
    link = links.alive().first() or links.first()
    if link is None:
        return ""
    link.require_token()
    return link.url


def revoke_portal_link(link: PortalLink, *, by: By, reason: str = "") -> PortalLink:
    """Makes a link dead at once. Revoking a dead one changes nothing."""
    with transaction.atomic(), acting(by=by, reason=reason or None):
        job = locked(link.job, by=by)
        link = PortalLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        link.job = job
        if link.revoked_at is None:
            link.revoked_at, link.revoked_by = timezone.now(), by if isinstance(by, User) else None
            link.save()
            record_event(link.job, LinkRevoked())
        return link


def reissue_portal_link(link: PortalLink, *, by: By) -> PortalLink:
    """A fresh link for the same job; the old one is revoked, and the job's notes name the new one from now on.

    Raises Refused when the job is over: its links are dead by that. Raises Conflict when this one was revoked or
    re-issued before and the job has another that opens: whoever presses twice does not make two doors.
    """
    with transaction.atomic(), acting(by=by):
        job = locked(link.job, by=by)
        if not job.is_open:
            raise Refused(_("%s is over: a new link would be dead at once.") % job.number)
        was_revoked = PortalLink.objects.filter(pk=link.pk, revoked_at__isnull=False).exists()
        if was_revoked and PortalLink.objects.alive().filter(job=job).exists():
            raise Conflict(_("%s has a newer link that opens. Re-issue that one.") % job.number)
        revoke_portal_link(link, by=by)
        fresh = build_link(job, PortalSettings.load())
        fresh.save()
        if not names_link(job.notes):
            job.notes = "\n".join(filter(None, [job.notes, note_of_link()]))
            job.save()
        record_event(job, LinkReissued())
        return fresh
