"""From events to messages."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.audience import Recipient, gather_people, labels_of, recipients_of, stops_for
from alerts.choices import Audience, Channel, DeliveryState
from alerts.job_alerts import WHEN, alerts_on_jobs, recipient_of, subject_of
from alerts.models import Alert, Delivery, JobAlert
from alerts.services.asked_again import quiet_until, sms_is_off, waits_until_quiet_hours_end
from alerts.services.doubts import note_doubts
from alerts.services.stops import may_be_stopped, stopped
from alerts.services.words import new_alert, words_of
from alerts.sources import EventSource, PersonalMail, event_source_of, facts_of
from alerts.subjects import Subject
from alerts.tokens import Facts
from audit.act import Source, acting
from audit.events import RecordedEvent
from business.models import PortalSettings
from jobs.models import JobEvent
from jobs.models.payloads import StartIsNear

log = logging.getLogger(__name__)

BATCH = 200


def announce(event_ids: Collection[int], model: type[RecordedEvent] = JobEvent) -> list[int]:
    """Writes the messages that some events of one table bring with them: those that the active alerts make, and the
    mail to the person an event is about. Returns the keys of those to be sent.

    Each event is claimed and its messages are written in one transaction: whoever comes second finds nothing to do,
    and a process that dies leaves the event as it was. The queries do not grow with the number of events.
    """
    keys = iter(sorted(event_ids))
    queued: list[int] = []
    while batch := list(islice(keys, BATCH)):
        with transaction.atomic(), acting(source=Source.SYSTEM):
            queued += _announce(event_source_of(model), batch)
    return queued


def _announce(source: EventSource, event_ids: Sequence[int]) -> list[int]:
    rows = source.model._default_manager.filter(announced_at__isnull=True, pk__in=event_ids)
    claimed = rows.select_for_update(skip_locked=True, of=("self",)).select_related(*source.loads)
    events: list[RecordedEvent] = list(claimed.order_by("pk"))
    if not events:
        return []
    now = timezone.now()
    keys = [event.pk for event in events]
    source.model._default_manager.filter(pk__in=keys).update(announced_at=now)
    deliveries = _deliveries_for(source, events, now)
    Delivery.objects.bulk_create(deliveries, batch_size=500, ignore_conflicts=True)
    waiting = Delivery.objects.filter(event_model=source.model._meta.label_lower, event_id__in=keys)
    due = waiting.filter(state=DeliveryState.QUEUED, next_attempt_at__lte=now)
    return list(due.order_by("pk").values_list("pk", flat=True))


def _deliveries_for(source: EventSource, events: Sequence[RecordedEvent], now: datetime) -> list[Delivery]:
    alerts = list(
        Alert.objects.filter(is_active=True, event__in={event.kind for event in events}).prefetch_related(
            "templates", "customers", "labels", "staff"
        )
    )
    settings = PortalSettings.load()
    jobs = {event.job_id: event.job for event in events if isinstance(event, JobEvent)}
    wanted_alerts = alerts_on_jobs(jobs.values(), settings) if any(event.kind in WHEN for event in events) else {}
    mails = source.personal_mails(events, settings)
    if not alerts and not wanted_alerts and not mails:
        return []
    subjects = source.subjects(events)
    labels = labels_of(subjects.values()) if any(alert.labels.all() for alert in alerts) else ({}, {})
    people = gather_people(alerts, subjects.values())
    made: list[Delivery] = []
    for event in events:
        subject = subjects[event.pk]
        facts = facts_of(event, subject, settings)
        if event.pk in mails:
            made.append(_personal(event, subject, mails[event.pk], settings, now))
        for alert in alerts:
            if alert.event == event.kind and _fits(alert, event, subject, labels):
                for recipient in recipients_of(alert, subject, people):
                    made.append(_build(alert, event, facts, recipient, now))
        if isinstance(event, JobEvent):
            made += _for_job_alerts(wanted_alerts.get(event.job_id, ()), event, facts, made, now)
    _leave_out_the_stopped(made)
    note_doubts(made, {event.pk: event for event in events})
    for delivery in made:
        delivery.ensure_token()
    return made


def _for_job_alerts(
    wanted_alerts: Iterable[JobAlert], event: JobEvent, facts: Facts, made: Iterable[Delivery], now: datetime
) -> Iterator[Delivery]:
    """What portal users ask for on the job. Whom the office's own alert tells already is not told twice."""
    told = {(one.channel, one.recipient) for one in made if one.event_id == event.pk}
    for job_alert in wanted_alerts:
        wanted = recipient_of(job_alert, event, facts.settings)
        if wanted is not None and (wanted.channel, wanted.address) not in told:
            told.add((wanted.channel, wanted.address))
            as_they_may_know = replace(facts, shows_worker=job_alert.shows_worker)
            delivery = _build(new_alert(event.kind), event, as_they_may_know, wanted, now)
            delivery.job_alert = job_alert
            if wanted.channel == Channel.EMAIL and (subject := subject_of(job_alert)):
                delivery.subject = subject
            yield delivery


def _fits(
    alert: Alert,
    event: RecordedEvent,
    subject: Subject,
    labels: tuple[Mapping[int, set[int]], Mapping[int, set[int]]],
) -> bool:
    """Is it about one of those the alert is about? A filter left empty lets all through."""
    payload = event.payload
    if isinstance(payload, StartIsNear) and alert.hours_before != payload.hours:
        return False
    if alert.source and alert.source != subject.source:
        return False
    if (chosen := {one.pk for one in alert.templates.all()}) and subject.template_id not in chosen:
        return False
    if (chosen := {one.pk for one in alert.customers.all()}) and chosen.isdisjoint(subject.customer_ids):
        return False
    if chosen := {one.pk for one in alert.labels.all()}:
        of_customers, of_templates = labels
        own = of_templates.get(subject.template_id or 0, set()).union(
            *(of_customers.get(customer, set()) for customer in subject.customer_ids)
        )
        return not chosen.isdisjoint(own)
    return True


def _delivery(event: RecordedEvent, subject: Subject, now: datetime) -> Delivery:
    """A message about an event, to nobody yet."""
    return Delivery(
        event_model=event._meta.label_lower,
        event_id=event.pk,
        kind=event.kind,
        next_attempt_at=now,
        created_at=now,
        **subject.columns,
    )


def _personal(
    event: RecordedEvent, subject: Subject, mail: PersonalMail, settings: PortalSettings, now: datetime
) -> Delivery:
    delivery = _delivery(event, subject, now)
    delivery.audience, delivery.channel = Audience.OWNER, Channel.EMAIL
    delivery.recipient, delivery.recipient_name = mail.email, mail.name[:160]
    delivery.subject, delivery.body, delivery.language = mail.subject[:300], mail.body, mail.language
    delivery.reply_to = settings.business_email
    return delivery


def _build(alert: Alert, event: RecordedEvent, facts: Facts, recipient: Recipient, now: datetime) -> Delivery:
    delivery = _delivery(event, facts.subject, now)
    delivery.alert = alert if alert.pk else None
    delivery.audience, delivery.channel = recipient.audience, recipient.channel
    delivery.recipient, delivery.recipient_name = recipient.address, recipient.name[:160]
    delivery.user, delivery.language = recipient.user, recipient.language
    delivery.reply_to = alert.reply_to or facts.settings.business_email
    _put_into_words(delivery, alert, facts, recipient.zone)
    if delivery.state == DeliveryState.FAILED:
        return delivery
    if recipient.problem:
        return _skip(delivery, recipient.problem)
    if recipient.channel == Channel.SMS and not facts.settings.sms_enabled:
        return _skip(delivery, sms_is_off())
    if quiet_end := quiet_until(delivery, now):
        delivery.next_attempt_at, delivery.why = quiet_end, waits_until_quiet_hours_end()
    return delivery


def _put_into_words(delivery: Delivery, alert: Alert, facts: Facts, zone: str) -> None:
    """Fills in subject and text. What goes wrong is this message's fate; the other messages go their way."""
    try:
        words = words_of(alert, facts, delivery.stop_url, delivery.language, zone)
    except Exception:
        log.exception("alert %s could not be put into words for %s", alert.pk, delivery.about)
        delivery.state, delivery.why = DeliveryState.FAILED, _("The alert's text could not be put into words.")
        return
    delivery.language = words.language
    if delivery.channel == Channel.SMS:
        delivery.body, delivery.segments = words.sms, words.length.segments
    else:
        delivery.subject, delivery.body = words.subject, words.message


def _skip(delivery: Delivery, why: str) -> Delivery:
    delivery.state, delivery.why, delivery.next_attempt_at = DeliveryState.SKIPPED, why[:400], None
    return delivery


def _leave_out_the_stopped(deliveries: Iterable[Delivery]) -> None:
    """Marks the messages whose recipients want no more; one query for all."""
    open_ones = [one for one in deliveries if one.state == DeliveryState.QUEUED and may_be_stopped(one)]
    if not open_ones:
        return
    stops = stops_for(one.recipient for one in open_ones)
    for one in open_ones:
        if (one.recipient, None) in stops or (one.recipient, one.job_id) in stops:
            _skip(one, stopped())
