"""What portal users asked for on one job: setting it, stopping it, and who of them is told of an event."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import PortalUser, User
from accounts.names import holds_link, words_for_a_letter
from alerts.addresses import normal_address
from alerts.audience import Recipient
from alerts.choices import Audience, Channel, JobAlertWhen
from alerts.models import JobAlert
from audit.act import acting
from business.models import PortalSettings
from console.errors import Refused
from jobs.choices import EventKind
from jobs.link_in_text import read_with
from jobs.models import Job, JobEvent
from permissions.resolver import Rights, decide, guest_rights, rights_of_many

WHEN: dict[str, JobAlertWhen] = {
    EventKind.SCHEDULED: JobAlertWhen.SCHEDULED,
    EventKind.RESCHEDULED: JobAlertWhen.SCHEDULED,
    EventKind.STARTED: JobAlertWhen.STARTED,
    EventKind.COMPLETED: JobAlertWhen.COMPLETED,
}
# Enough for the people on a site, too few to write to a town.
MOST = 5
SUBJECT_LIMIT = 100


def offered(settings: PortalSettings) -> list[JobAlertWhen]:
    """The moments the business lets portal users ask for."""
    return [one for one in JobAlertWhen if settings.job_alerts_enabled and getattr(settings, f"alert_on_{one.value}")]


def set_job_alert(
    job: Job,
    *,
    by: User | None,
    when: Collection[str],
    emails: Sequence[str] = (),
    mobiles: Sequence[str] = (),
    subject: str = "",
) -> list[JobAlert]:
    """Has messages about a job sent to some addresses, when some of ``JobAlertWhen`` happen; what was set for an
    address before is replaced. ``by``: the portal user's account, or None for a guest. ``subject``: of the mails; empty
    for the office's own. Whether she may is asked by the caller (``set_alerts``), and again when a message is written.

    Raises ValidationError {"emails" | "mobiles" | "when" | "subject": sentences} with every fault at once, Refused when
    the job is over, when the business does not offer it, and for more than five addresses.
    """
    settings = PortalSettings.load()
    chosen, addresses, subject = _checked(when, emails, mobiles, subject, settings)
    with transaction.atomic(), acting(by=by):
        # Locked, so that two who set some at once are counted one after the other.
        here = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk).first()
        if here is None:
            raise Refused(_("This job no longer exists."))
        job = here
        if not job.is_open:
            raise Refused(_("This job is over: nothing more happens to it."))
        existing = {(one.channel, one.address): one for one in JobAlert.objects.set_by(job, by)}
        if len(existing.keys() | set(addresses)) > MOST:
            raise Refused(_("At most %d addresses for one job.") % MOST)
        made = []
        for channel, address in addresses:
            alert = existing.get((channel, address)) or JobAlert(job=job, channel=channel, address=address, made_by=by)
            alert.subject = subject if channel == Channel.EMAIL else ""
            for one in JobAlertWhen:
                setattr(alert, f"on_{one.value}", one in chosen)
            alert.save()
            made.append(alert)
    return made


def _checked(
    when: Collection[str], emails: Sequence[str], mobiles: Sequence[str], subject: str, settings: PortalSettings
) -> tuple[set[str], list[tuple[Channel, str]], str]:
    possible = offered(settings)
    if not possible:
        raise Refused(_("Messages about a job are not offered."))
    addresses, problems = _read_addresses(emails, mobiles, settings)
    if not when or not set(when) <= set(possible):
        problems["when"] = [_("Choose when you want a message.")]
    subject = " ".join(subject.split())
    if len(subject) > SUBJECT_LIMIT:
        problems["subject"] = [_("At most %d characters.") % SUBJECT_LIMIT]
    elif holds_link(subject):
        # Whoever gets the mail trusts the business's name on it.
        problems["subject"] = [_("Write words here, no web address.")]
    if problems:
        raise ValidationError(problems)
    return set(when), addresses, subject


def _read_addresses(
    emails: Sequence[str], mobiles: Sequence[str], settings: PortalSettings
) -> tuple[list[tuple[Channel, str]], dict[str, list[str]]]:
    problems: dict[str, list[str]] = {}
    found: list[tuple[Channel, str]] = []
    if len(emails) + len(mobiles) > MOST:
        raise Refused(_("At most %d addresses for one job.") % MOST)
    for name, channel, given in (("emails", Channel.EMAIL, emails), ("mobiles", Channel.SMS, mobiles)):
        for written in given:
            try:
                found.append((channel, normal_address(written, channel)))
            except ValidationError as problem:
                problems.setdefault(name, []).extend(problem.messages)
    if mobiles and not settings.sms_enabled:
        problems["mobiles"] = [_("We send no text messages. Give an e-mail address instead.")]
    if not found and not problems:
        problems["emails"] = [_("Give an e-mail address or a mobile number.")]
    return list(dict.fromkeys(found)), problems


def subject_of(alert: JobAlert) -> str:
    """The subject she gave, as a mail to an address that need not be hers may show it; "" for the office's own."""
    return words_for_a_letter(read_with(alert.subject, ""), SUBJECT_LIMIT)


def stop_job_alert(alert: JobAlert, *, by: User | None) -> None:
    """No more of these messages; what is written and not sent yet does not go out (``alerts.services.asked_again``)."""
    with transaction.atomic(), acting(by=by):
        alert.delete()


def alerts_on_jobs(jobs: Collection[Job], settings: PortalSettings) -> dict[int, list[JobAlert]]:
    """The job alerts that count, by job: set by somebody who may still set them, or by the office. Three queries."""
    if not settings.job_alerts_enabled:
        return {}
    found = list(JobAlert.objects.filter(job__in=jobs).select_related("made_by__portal_user__user"))
    by_key = {job.pk: job for job in jobs}
    people = {person.pk: person for one in found if (person := _portal_user(one)) is not None}
    rights = rights_of_many(list(people.values())) if people else {}
    counting: dict[int, list[JobAlert]] = {}
    for one in found:
        if _may_still(one, by_key[one.job_id], rights, settings):
            one.shows_worker = _may(one, "view_worker", by_key[one.job_id], rights, settings)
            counting.setdefault(one.job_id, []).append(one)
    return counting


def _portal_user(alert: JobAlert) -> PortalUser | None:
    return getattr(alert.made_by, "portal_user", None)


def _may_still(alert: JobAlert, job: Job, rights: Mapping[int, Rights], settings: PortalSettings) -> bool:
    return all(_may(alert, code, job, rights, settings) for code in ("set_alerts", "view_jobs"))


def _may(alert: JobAlert, code: str, job: Job, rights: Mapping[int, Rights], settings: PortalSettings) -> bool:
    """May who asked for it do that to the job today? Guests by the defaults; of staff it is not asked twice."""
    person = _portal_user(alert)
    if person is not None:
        return bool(decide(rights[person.pk], code, job))
    if alert.made_by is None:
        return bool(decide(guest_rights(settings, job), code, job))
    return bool(alert.made_by.is_staff and alert.made_by.is_active)


def recipient_of(alert: JobAlert, event: JobEvent, settings: PortalSettings) -> Recipient | None:
    """Who is told of an event by a job alert; None when it is about other moments."""
    when = WHEN.get(event.kind)
    if when is None or when not in alert.when or when not in offered(settings):
        return None
    language = alert.made_by.language if alert.made_by is not None else ""
    return Recipient(Audience.REQUESTED, Channel(alert.channel), alert.address, language=language)
