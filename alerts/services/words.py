"""What messages say: an alert and what it is about, put into somebody's language and zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation

from accounts.models import User
from accounts.zones import zone_named
from alerts.catalogue import message_choices
from alerts.choices import JobAlertWhen
from alerts.hooks import EVENTS
from alerts.job_alerts import WHEN
from alerts.job_events import live_links
from alerts.languages import as_it_came, spoken
from alerts.models import Alert, Delivery
from alerts.segments import Length, length_of
from alerts.sources import facts_of, source_named
from alerts.subjects import JobSubject
from alerts.tokens import Facts, fill, fill_line
from alerts.wording import sms_text
from business.models import PortalSettings
from jobs.choices import EventKind
from jobs.link_in_text import PLACEHOLDER, read_with
from jobs.models import Job
from jobs.services import link_address_for, link_address_of


@dataclass(frozen=True)
class Words:
    """What an alert says about one subject, tokens filled; a placeholder stands for the portal link
    (jobs.link_in_text).

    ``length``: of the text message as it goes out, with its way to stop.
    """

    subject: str
    message: str
    sms: str
    length: Length
    language: str = ""


def words_of(alert: Alert, facts: Facts, stop_url: str = "", language: str = "", zone: str = "") -> Words:
    """What an alert, saved or not, says about a subject to somebody who chose that language, or none, and is in that
    zone, or in an unknown one."""
    said = spoken(alert, language)
    with translation.override(said.language), timezone.override(zone_named(zone)):
        sms = fill(said.sms_text, facts)
        event = EVENTS.get(alert.event)
        subject = fill_line(said.subject, facts) or (str(event.kind.label) if event else "")
        link = facts.subject.link if isinstance(facts.subject, JobSubject) else None
        length = length_of(sms_text(read_with(sms, link.url if link else ""), stop_url))
        return Words(subject[:300], fill(said.message, facts), sms, length, said.language)


def words_to_send(delivery: Delivery) -> tuple[str, str]:
    """Subject and text of a message as they go out, with the portal link's address, or the link of a personal mail:
    one or two queries if they name it. Raises CannotDecrypt when this process cannot read the address, MustNotGo when
    a personal mail has lost its reason."""
    if delivery.is_personal and (source := source_named(delivery.event_model)):
        return delivery.subject, source.read_with_secrets(delivery)
    said = (delivery.subject, delivery.body)
    if not any(PLACEHOLDER in text for text in said):
        return said
    address = link_address_of(delivery.job)
    return read_with(delivery.subject, address), read_with(delivery.body, address)


def words_for(delivery: Delivery, user: User | AnonymousUser) -> tuple[str, str]:
    """Subject and text of a message as this member of staff reads them: the portal link's address only if they may
    copy it, that of a personal mail never."""
    if delivery.is_personal and (source := source_named(delivery.event_model)):
        return delivery.subject, source.read_without_secrets(delivery.body)
    address = link_address_for(user, delivery.job)
    return read_with(delivery.subject, address), read_with(delivery.body, address)


def new_alert(kind: str, **facts: Any) -> Alert:
    """An alert that is not saved yet, in the catalogue's words for its event, in the language of the business."""
    came = as_it_came(kind, django_settings.LANGUAGE_CODE)
    words = {"subject": came.subject, "message": came.message, "sms_text": came.sms_text}
    hours = {"hours_before": 24} if kind == EventKind.REMINDED else {}
    people = {"to_site_contact": EVENTS[kind].about is JobSubject}
    return Alert(event=kind, **(words | hours | people | facts))


def event_label(kind: str) -> str:
    """What an event is called; its code when it is no longer in the catalogue."""
    return str(dict(message_choices()).get(kind, kind))


def preview_job_alerts(
    job: Job,
    moments: Iterable[JobAlertWhen],
    settings: PortalSettings,
    *,
    shows_worker: bool,
    language: str = "",
    zone: str = "",
) -> dict[JobAlertWhen, Words]:
    """What a portal user's messages about a job (with customer, template, worker loaded) will say: two queries.

    ``shows_worker``: may she know who comes? ``language``, ``zone``: hers, if they are known.
    """
    subject = JobSubject(job, live_links([job]).get(job.pk))
    events = {event.kind: event for event in job.events.filter(kind__in=list(WHEN)).order_by("pk")}
    said = {}
    for moment in moments:
        kind = next(kind for kind, one in WHEN.items() if one == moment)
        event = events.get(kind)
        if event is not None:
            facts = facts_of(event, subject, settings)
        else:
            # A start that nobody knows yet must not be read as a promise.
            unknown = "" if job.planned_start else "…"
            facts = Facts(subject, settings, at=timezone.now(), unknown_start=unknown)
        facts = replace(facts, shows_worker=shows_worker)
        said[moment] = words_of(new_alert(kind), facts, language=language, zone=zone)
    return said
