"""Telling people: from an event to its messages, from a message to its fate (docs/decisions/0011-deliveries.md)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.zones import zone_named
from alerts.addresses import mobile_number
from alerts.asked import WHEN, asked_for, recipient_of
from alerts.audience import Recipient, gather_people, labels_of, recipients_of, stops_among
from alerts.catalogue import EVENTS, event_choices
from alerts.channels import CHANNELS
from alerts.channels.base import Fate, Message, NotCarried, Permanent, Sent, Temporary, Uncertain
from alerts.choices import Audience, Channel, DeliveryState, JobAlertWhen
from alerts.models import Alert, Delivery, MessageStop, new_stop_token
from alerts.segments import Length, length_of
from alerts.speaking import as_it_came, spoken
from alerts.tokens import Facts, fill, fill_line
from alerts.wording import sms_text
from alerts.worker import DELIVER, wake
from audit.act import Road, acting
from jobs.choices import EventKind
from jobs.models import Job, JobEvent, PortalLink
from jobs.services import lock_jobs, record_missed, record_reminders
from permissions.errors import Refused
from permissions.models import PortalSettings

log = logging.getLogger(__name__)

BATCH = 200
# A claim older than this belongs to a process that died: sending one message takes seconds.
LEASE = timedelta(minutes=5)
# Waiting times after a temporary failure; after the last one it has failed.
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)

# --- From events to messages ---------------------------------------------------------------------------


def announce(event_ids: Collection[int]) -> list[int]:
    """Writes the messages that the active alerts make of some events; returns the keys of those to be sent.

    Each event is claimed and its messages are written in one transaction: whoever comes second finds nothing to do,
    and a process that dies leaves the event as it was. The queries do not grow with the number of events.
    """
    keys = iter(sorted(event_ids))
    queued: list[int] = []
    while batch := list(islice(keys, BATCH)):
        with transaction.atomic(), acting(road=Road.SYSTEM):
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
    asked = asked_for(jobs.values(), settings) if any(event.kind in WHEN for event in events) else {}
    if not alerts and not asked:
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
        for job_alert in asked.get(event.job_id, ()):
            wanted = recipient_of(job_alert, event, settings)
            # Whom the office's own alert tells already is not told twice.
            if wanted is not None and (wanted.channel, wanted.address) not in told:
                told.add((wanted.channel, wanted.address))
                hers = replace(facts, shows_worker=job_alert.shows_worker)
                delivery = _build(new_alert(event.kind), event, hers, wanted, now)
                delivery.job_alert = job_alert
                if job_alert.subject and wanted.channel == Channel.EMAIL:
                    delivery.subject = job_alert.subject
                made.append(delivery)
    _leave_out_the_stopped(made)
    return made


def _fits(alert: Alert, event: JobEvent, labels: set[int]) -> bool:
    """Is the job one of those the alert is about? A filter left empty lets all through."""
    job = event.job
    if event.kind == EventKind.REMINDED and alert.hours_before != event.data.get("hours"):
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


def live_links(jobs: Iterable[Job]) -> dict[int, PortalLink]:
    """The newest portal link of each job that still opens, by the job's primary key: one query."""
    alive = PortalLink.objects.alive().filter(job__in=[job.pk for job in jobs]).order_by("pk")
    return {link.job_id: link for link in alive}


def facts_of(event: JobEvent, settings: PortalSettings, link: PortalLink | None) -> Facts:
    """What tokens are filled from, for an event with its job loaded."""
    return Facts(event.job, settings, link, event.data, event.at, event.actor)


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


@dataclass(frozen=True)
class Words:
    """What an alert says about one job, tokens filled. ``length``: of the text message with its way to stop."""

    subject: str
    message: str
    sms: str
    length: Length
    language: str = ""


def words_of(alert: Alert, facts: Facts, stop_url: str = "", language: str = "", zone: str = "") -> Words:
    """What an alert, saved or not, says about a job to somebody who chose that language, or none, and is in that zone,
    or in an unknown one."""
    said = spoken(alert, language)
    with translation.override(said.language), timezone.override(zone_named(zone)):
        sms = fill(said.sms_text, facts)
        event = EVENTS.get(alert.event)
        subject = fill_line(said.subject, facts) or (str(event.kind.label) if event else "")
        length = length_of(sms_text(sms, stop_url))
        return Words(subject[:300], fill(said.message, facts), sms, length, said.language)


def _skip(delivery: Delivery, why: str) -> Delivery:
    delivery.state, delivery.why, delivery.next_attempt_at = DeliveryState.SKIPPED, why[:400], None
    return delivery


def _leave_out_the_stopped(deliveries: Iterable[Delivery]) -> None:
    """Marks the messages whose recipients want no more; one query for all."""
    open_ones = [one for one in deliveries if one.state == DeliveryState.QUEUED and one.channel != Channel.CONSOLE]
    if not open_ones:
        return
    stops = stops_among(one.recipient for one in open_ones)
    for one in open_ones:
        if (one.recipient, None) in stops or (one.recipient, one.job_id) in stops:
            _skip(one, _stopped())


def _stopped() -> str:
    return _("This address asked for no more messages.")


# --- From a message to its fate ------------------------------------------------------------------------


def deliver(delivery_ids: Iterable[int]) -> int:
    """Sends what is due among some messages; returns how many were tried.

    Nothing is sent in a transaction: each step is on record before the next one is taken.
    """
    return sum(_deliver(pk) for pk in delivery_ids)


def _deliver(pk: int) -> bool:
    delivery = claim(pk)
    if delivery is None:
        return False
    if _has_stopped(delivery):
        _record(delivery, state=DeliveryState.SKIPPED, why=_stopped(), next_attempt_at=None)
        return True
    if not _hand_over(delivery):
        return False
    message = Message(
        key=delivery.stop_token,
        to=delivery.recipient,
        to_name=delivery.recipient_name,
        subject=delivery.subject,
        body=delivery.body,
        reply_to=delivery.reply_to,
        stop_url=delivery.stop_url,
        language=delivery.language,
    )
    try:
        fate = CHANNELS[delivery.channel].send(message)
    except Exception as error:
        # Not foreseen by the channel, so nobody knows how far it came.
        log.exception("message %s broke its channel", delivery.pk)
        fate = Uncertain(_("Something unforeseen happened while it was handed over: %s") % type(error).__name__)
    record_fate(delivery, fate)
    return True


def claim(pk: int) -> Delivery | None:
    """Takes one message to send, if it is due and nobody else has; None otherwise.

    ``claimed_at`` is the claim: whoever finds another one in its place has lost it.
    """
    now = timezone.now()
    taken = Delivery.objects.due(now).filter(pk=pk)
    if not taken.update(
        state=DeliveryState.SENDING, claimed_at=now, handed_over_at=None, attempts=F("attempts") + 1, why=""
    ):
        return None
    return Delivery.objects.get(pk=pk)


def _hand_over(delivery: Delivery) -> bool:
    """Says that from this moment on it may have gone out. False when the claim was lost meanwhile."""
    return bool(_mine(delivery).filter(state=DeliveryState.SENDING).update(handed_over_at=timezone.now()))


def _mine(delivery: Delivery) -> Any:
    return Delivery.objects.filter(pk=delivery.pk, claimed_at=delivery.claimed_at)


def _record(delivery: Delivery, **facts: Any) -> None:
    # Also from "uncertain": a process thought dead that comes back knows better.
    possible = (DeliveryState.SENDING, DeliveryState.UNCERTAIN)
    facts["why"] = str(facts.get("why", ""))[:400]
    _mine(delivery).filter(state__in=possible).update(**facts)


def _has_stopped(delivery: Delivery) -> bool:
    if delivery.channel == Channel.CONSOLE:
        return False
    about = Q(job__isnull=True) | Q(job=delivery.job_id) if delivery.job_id else Q(job__isnull=True)
    return MessageStop.objects.filter(about, address=delivery.recipient).exists()


def record_fate(delivery: Delivery, fate: Fate) -> None:
    """Writes down what became of a message that was taken to be sent."""
    now = timezone.now()
    match fate:
        case Sent(reference, note, arrived):
            state = DeliveryState.DELIVERED if arrived else DeliveryState.SENT
            _record(delivery, state=state, sent_at=now, reference=reference, why=note, next_attempt_at=None)
        case NotCarried(why):
            _record(delivery, state=DeliveryState.NOT_CARRIED, why=why, next_attempt_at=None)
        case Temporary(why) if delivery.attempts <= len(BACKOFF):
            next_attempt = now + BACKOFF[delivery.attempts - 1]
            _record(delivery, state=DeliveryState.QUEUED, why=why, next_attempt_at=next_attempt)
        case Temporary(why):
            given_up = _("Given up after %(count)d attempts. %(why)s") % {"count": delivery.attempts, "why": why}
            _record(delivery, state=DeliveryState.FAILED, why=given_up, next_attempt_at=None)
        case Permanent(why, stopped):
            _record(delivery, state=DeliveryState.FAILED, why=why, next_attempt_at=None)
            if stopped:
                stop_messages(delivery.recipient, job=None, actor=delivery.recipient)
        case Uncertain(why):
            _record(delivery, state=DeliveryState.UNCERTAIN, why=why, next_attempt_at=None)


def free_dead_claims() -> int:
    """Messages taken by a process that died: back to the queue if they surely did not go out, else *uncertain*."""
    dead = Delivery.objects.abandoned(before=timezone.now() - LEASE)
    back = dead.filter(handed_over_at__isnull=True).update(
        state=DeliveryState.QUEUED, claimed_at=None, next_attempt_at=timezone.now()
    )
    unsure = dead.filter(handed_over_at__isnull=False).update(
        state=DeliveryState.UNCERTAIN,
        next_attempt_at=None,
        why=_(
            "Portico was interrupted while handing it over: it may have arrived. If it did not, send it again by hand."
        ),
    )
    return back + unsure


def watch_the_clock() -> None:
    """Writes down what became true by the clock alone, of what some active alert is about."""
    wanted = Alert.objects.filter(is_active=True)
    kinds = set(wanted.order_by().values_list("event", flat=True).distinct())
    if EventKind.REMINDED in kinds:
        hours = wanted.filter(event=EventKind.REMINDED).values_list("hours_before", flat=True)
        record_reminders([one for one in hours if one])
    if kinds & {EventKind.START_MISSED, EventKind.FINISH_MISSED}:
        record_missed(kinds)


def sweep() -> None:
    """The guarantee behind every shortcut: announces what nobody announced, frees dead claims, sends what is due."""
    watch_the_clock()
    while events := list(JobEvent.objects.unannounced().order_by("pk").values_list("pk", flat=True)[:BATCH]):
        announce(events)
        if len(events) < BATCH:
            break
    free_dead_claims()
    due = Delivery.objects.due(timezone.now()).order_by("next_attempt_at", "pk")
    deliver(list(due.values_list("pk", flat=True)[:BATCH]))


# --- What people do ------------------------------------------------------------------------------------


def resend(delivery: Delivery, *, by: Any) -> Delivery:
    """The same words to the same recipient once more, as a message of its own.

    Raises Refused while the first one is on its way, for one that never had an address, and when its recipient wants
    no more.
    """
    if not delivery.is_over:
        raise Refused(_("This message is still on its way. Wait until it is settled."))
    if not delivery.recipient or not delivery.body:
        raise Refused(_("This message has no address or no words. Correct the job, then do it again there."))
    if _has_stopped(delivery):
        raise Refused(_stopped())
    if delivery.channel == Channel.SMS:
        _insist_on_sms(delivery.recipient)
    with transaction.atomic(), acting(by=by):
        again = _copy(delivery, by)
        transaction.on_commit(partial(wake, DELIVER, [again.pk]))
    return again


def _insist_on_sms(number: str) -> None:
    if not PortalSettings.load().sms_enabled:
        raise Refused(_("Alerts by SMS are switched off in the portal settings."))
    mobile_number(number)


def _copy(delivery: Delivery, by: Any) -> Delivery:
    again = Delivery.objects.get(pk=delivery.pk)
    if again.job_id and not lock_jobs({again.job_id}):
        again.job = again.event = None
    again.pk = None
    again._state.adding = True
    now = timezone.now()
    again.resend_of, again.asked_by, again.stop_token = delivery, by, new_stop_token()
    again.state, again.why, again.attempts, again.reference = DeliveryState.QUEUED, "", 0, ""
    again.next_attempt_at = again.created_at = now
    again.claimed_at = again.handed_over_at = again.sent_at = again.read_at = None
    again.save()
    return again


def send_test(alert: Alert, job: Job, *, by: Any) -> list[Delivery]:
    """What an alert would say about a job, to oneself: by e-mail, and by text message where it has a text and she a
    mobile. Raises Refused when there is nothing to say."""
    settings = PortalSettings.load()
    facts = sample_facts(alert.event, job, settings)
    words = words_of(alert, facts)
    made = []
    if words.message:
        subject = _("Test: %s") % words.subject
        made.append(_test(alert, job, by, Channel.EMAIL, by.email, subject=subject[:300], body=words.message))
    if words.sms and settings.sms_enabled and by.phone:
        made.append(_test(alert, job, by, Channel.SMS, mobile_number(by.phone), body=words.sms))
    if not made:
        raise Refused(_("There is nothing to send: write a message first."))
    for delivery in made:
        delivery.language = words.language
        if delivery.channel == Channel.SMS:
            delivery.segments = length_of(sms_text(delivery.body, delivery.stop_url)).segments
    with transaction.atomic(), acting(by=by):
        if not lock_jobs({job.pk}):
            raise Refused(_("This job no longer exists."))
        for delivery in made:
            delivery.save()
        transaction.on_commit(partial(wake, DELIVER, [delivery.pk for delivery in made]))
    return made


def _test(alert: Alert, job: Job, by: Any, channel: Channel, address: str, **words: str) -> Delivery:
    return Delivery(
        kind=alert.event,
        alert=alert,
        job=job,
        about=job.number,
        customer=job.customer,
        template=job.template,
        audience=Audience.STAFF,
        channel=channel,
        recipient=address,
        recipient_name=str(by)[:160],
        user=by,
        reply_to=alert.reply_to,
        next_attempt_at=timezone.now(),
        is_test=True,
        asked_by=by,
        **words,
    )


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
    link = live_links([job]).get(job.pk)
    events = {event.kind: event for event in job.events.filter(kind__in=list(WHEN)).order_by("pk")}
    said = {}
    for moment in moments:
        kind = next(kind for kind, one in WHEN.items() if one == moment)
        event = events.get(kind)
        if event is not None:
            event.job = job
            facts = facts_of(event, settings, link)
        else:
            # A start that nobody knows yet must not be read as a promise.
            unknown = {} if job.planned_start else {"start": "…"}
            facts = Facts(job, settings, link, data=unknown, at=timezone.now())
        facts = replace(facts, shows_worker=shows_worker)
        said[moment] = words_of(new_alert(kind), facts, language=language, zone=zone)
    return said


def sample_facts(kind: str, job: Job, settings: PortalSettings) -> Facts:
    """What a job (with customer, template, worker loaded) says for a preview: its last event of that kind, or none."""
    event = job.events.filter(kind=kind).last()
    link = live_links([job]).get(job.pk)
    if event is None:
        return Facts(job, settings, link, at=timezone.now())
    event.job = job
    return facts_of(event, settings, link)


def switch_alert(alert: Alert, *, to: bool, by: Any) -> Alert:
    """Switches an alert on or off. What is queued already still goes out."""
    with transaction.atomic(), acting(by=by):
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        if alert.is_active != to:
            alert.is_active = to
            alert.save()
    return alert


def stop_messages(address: str, *, job: Job | None, actor: str = "") -> MessageStop:
    """No more messages to an address: about one job, or at all. Asking twice changes nothing."""
    with transaction.atomic(), acting(actor=actor or address):
        stop, _made = MessageStop.objects.get_or_create(address=address, job=job)
    return stop


def lift_stop(stop: MessageStop, *, by: Any, reason: str = "") -> None:
    """Messages may go to the address again: for somebody who asked for them."""
    with transaction.atomic(), acting(by=by, reason=reason or None):
        stop.delete()


def mark_read(user: Any) -> int:
    """The notices in the console that a member of staff had not read are read now; returns how many."""
    return Delivery.objects.notices_for(user).update(read_at=timezone.now())


# --- What a new business starts with -------------------------------------------------------------------


@dataclass(frozen=True)
class _Default:
    name: str
    kind: EventKind
    facts: dict[str, Any]


def install_default_alerts(*, by: Any) -> list[Alert]:
    """The alerts a new business starts with, in the catalogue's words; those whose names exist already are left
    alone. Returns the new ones."""
    alone = {"to_site_contact": False, "by_email": False}
    wanted = (
        _Default(_("Job made: tell the site contact"), EventKind.CREATED, {}),
        _Default(_("Job planned: tell the site contact"), EventKind.SCHEDULED, {}),
        _Default(_("Job has a new time: tell the site contact"), EventKind.RESCHEDULED, {}),
        _Default(_("Job started: tell the site contact"), EventKind.STARTED, {}),
        _Default(_("Job started: text the site contact"), EventKind.STARTED, {"by_email": False, "by_sms": True}),
        _Default(_("Job done: tell the site contact"), EventKind.COMPLETED, {}),
        _Default(_("Job cancelled: tell the site contact"), EventKind.CANCELLED, {}),
        _Default(_("Answer to a change request: tell the site contact"), EventKind.CHANGE_ANSWERED, {}),
        _Default(_("Change asked for: tell the office"), EventKind.CHANGE_REQUESTED, {**alone, "to_office": True}),
        _Default(_("Start missed: tell the office"), EventKind.START_MISSED, {**alone, "to_office": True}),
    )
    taken = set(Alert.objects.values_list("name", flat=True))
    made = []
    with transaction.atomic(), acting(by=by):
        for default in wanted:
            if default.name not in taken:
                alert = new_alert(default.kind, name=default.name, **default.facts)
                alert.full_clean()
                alert.save()
                made.append(alert)
    return made


def new_alert(kind: str, **facts: Any) -> Alert:
    """An alert that is not saved yet, in the catalogue's words for its event, in the language of the business."""
    came = as_it_came(kind, django_settings.LANGUAGE_CODE)
    words = {"subject": came.subject, "message": came.message, "sms_text": came.sms_text}
    hours = {"hours_before": 24} if kind == EventKind.REMINDED else {}
    return Alert(event=kind, **(words | hours | facts))


def event_label(kind: str) -> str:
    """What an event is called; its code when it is no longer in the catalogue."""
    return str(dict(event_choices()).get(kind, kind))
