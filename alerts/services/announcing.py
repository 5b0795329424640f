"""From events to messages."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.audience import Recipient, gather_people, labels_of, recipients_of, stops_for
from alerts.choices import Channel, DeliveryState
from alerts.job_alerts import WHEN, alerts_on_jobs, recipient_of, subject_of
from alerts.models import Alert, Delivery
from alerts.services.stops import stopped
from alerts.services.words import facts_of, live_links, new_alert, words_of
from alerts.tokens import Facts
from audit.act import Source, acting
from business.models import PortalSettings
from jobs.models import JobEvent
from jobs.models.payloads import StartIsNear

log = logging.getLogger(__name__)

BATCH = 200


def announce(event_ids: Collection[int]) -> list[int]:
    """Writes the messages that the active alerts make of some events; returns the keys of those to be sent.

    Each event is claimed and its messages are written in one transaction: whoever comes second finds nothing to do,
    and a process that dies leaves the event as it was. The queries do not grow with the number of events.
    """
    keys = iter(sorted(event_ids))
    queued: list[int] = []
    while batch := list(islice(keys, BATCH)):
        with transaction.atomic(), acting(source=Source.SYSTEM):
            queued += _announce(batch)
    return queued


def _announce(event_ids: Sequence[int]) -> list[int]:
    events = list(
        JobEvent.objects.unannounced()
        .filter(pk__in=event_ids)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("job__customer", "job__template", "job__worker")
        .order_by("pk")
    )
    if not events:
        return []
    now = timezone.now()
    JobEvent.objects.filter(pk__in=[event.pk for event in events]).update(announced_at=now)
    deliveries = _deliveries_for(events, now)
    Delivery.objects.bulk_create(deliveries, batch_size=500, ignore_conflicts=True)
    waiting = Delivery.objects.filter(event__in=events, state=DeliveryState.QUEUED, next_attempt_at__lte=now)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def _deliveries_for(events: Sequence[JobEvent], now: datetime) -> list[Delivery]:
    alerts = list(
        Alert.objects.filter(is_active=True, event__in={event.kind for event in events}).prefetch_related(
            "templates", "customers", "labels", "staff"
        )
    )
    jobs = {event.job_id: event.job for event in events}
    settings = PortalSettings.load()
    own_alerts = alerts_on_jobs(jobs.values(), settings) if any(event.kind in WHEN for event in events) else {}
    if not alerts and not own_alerts:
        return []
    labels = labels_of(jobs.values()) if any(alert.labels.all() for alert in alerts) else {}
    people = gather_people(alerts, jobs.values())
    links = live_links(jobs.values())
    made: list[Delivery] = []
    for event in events:
        facts = facts_of(event, settings, links.get(event.job_id))
        for alert in alerts:
            if alert.event == event.kind and _fits(alert, event, labels.get(event.job_id, set())):
                for recipient in recipients_of(alert, event.job, people):
                    made.append(_build(alert, event, facts, recipient, now))
        told = {(one.channel, one.recipient) for one in made if one.event is event}
        for job_alert in own_alerts.get(event.job_id, ()):
            wanted = recipient_of(job_alert, event, settings)
            # Whom the office's own alert tells already is not told twice.
            if wanted is not None and (wanted.channel, wanted.address) not in told:
                told.add((wanted.channel, wanted.address))
                own_facts = replace(facts, shows_worker=job_alert.shows_worker)
                delivery = _build(new_alert(event.kind), event, own_facts, wanted, now)
                delivery.job_alert = job_alert
                if wanted.channel == Channel.EMAIL and (subject := subject_of(job_alert)):
                    delivery.subject = subject
                made.append(delivery)
    _leave_out_the_stopped(made)
    for delivery in made:
        delivery.ensure_token()
    return made


def _fits(alert: Alert, event: JobEvent, labels: set[int]) -> bool:
    """Is the job one of those the alert is about? A filter left empty lets all through."""
    job = event.job
    payload = event.payload
    if isinstance(payload, StartIsNear) and alert.hours_before != payload.hours:
        return False
    if alert.source and alert.source != job.source:
        return False
    for chosen, own in (
        ({one.pk for one in alert.templates.all()}, {job.template_id}),
        ({one.pk for one in alert.customers.all()}, {job.customer_id}),
        ({one.pk for one in alert.labels.all()}, labels),
    ):
        if chosen and not chosen & own:
            return False
    return True


def _build(alert: Alert, event: JobEvent, facts: Facts, recipient: Recipient, now: datetime) -> Delivery:
    delivery = Delivery(
        event=event,
        kind=event.kind,
        alert=alert if alert.pk else None,
        job=event.job,
        about=event.job.number,
        customer=event.job.customer,
        template=event.job.template,
        audience=recipient.audience,
        channel=recipient.channel,
        recipient=recipient.address,
        recipient_name=recipient.name[:160],
        user=recipient.user,
        language=recipient.language,
        reply_to=alert.reply_to or facts.settings.business_email,
        next_attempt_at=now,
        created_at=now,
    )
    _put_into_words(delivery, alert, facts, recipient.zone)
    if delivery.state == DeliveryState.FAILED:
        return delivery
    if recipient.problem:
        return _skip(delivery, recipient.problem)
    if recipient.channel == Channel.SMS and not facts.settings.sms_enabled:
        return _skip(delivery, _("Alerts by SMS are switched off in the portal settings."))
    if recipient.channel != Channel.CONSOLE and (quiet_end := alert.quiet_end(now)):
        delivery.next_attempt_at = quiet_end
        delivery.why = _("Waits until the quiet hours are over.")
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
    open_ones = [one for one in deliveries if one.state == DeliveryState.QUEUED and one.channel != Channel.CONSOLE]
    if not open_ones:
        return
    stops = stops_for(one.recipient for one in open_ones)
    for one in open_ones:
        if (one.recipient, None) in stops or (one.recipient, one.job_id) in stops:
            _skip(one, stopped())
