"""What is asked again when a message goes out: between writing and sending lies a moment, or a night.

A message waits for quiet hours, for a mail server that is away, for somebody who sends it again. Whatever decided that
it was written decides once more, by what is true then; the ledger says what ended. Why:
docs/decisions/0144-asked-again.md.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from alerts.audience import is_reached, still_reached
from alerts.choices import Audience, Channel
from alerts.job_alerts import alerts_on_jobs, recipient_of
from alerts.models import Alert, Delivery
from alerts.services.stops import has_stopped, stopped
from alerts.sources import source_named
from alerts.subjects import Subject
from audit.events import RecordedEvent
from business.models import PortalSettings
from jobs.models import JobEvent


def sms_is_off() -> str:
    """Why no text message goes out at all."""
    return _("Alerts by SMS are switched off in the portal settings.")


def waits_until_quiet_hours_end() -> str:
    """Why a message waits."""
    return _("Waits until the quiet hours are over.")


def quiet_until(delivery: Delivery, at: datetime) -> datetime | None:
    """When the quiet hours that hold a moment (aware) are over for a message; None where none hold it.

    A notice in the console wakes nobody, a mail about one's own account has no alert, and a trial goes to whoever asks.
    """
    if delivery.channel == Channel.CONSOLE or delivery.alert is None or delivery.is_personal or delivery.is_test:
        return None
    return delivery.alert.quiet_end(at)


def why_over(delivery: Delivery, *, by_hand: bool = False) -> str:
    """Return why a message is not to go out (any more), in a sentence; empty while it is.

    ``by_hand``: a member of staff wants just this message to go to just this address, whatever the alert says by now.
    What a personal mail needs is asked by its source (``EventSource.read_with_secrets``).
    """
    if has_stopped(delivery):
        return stopped()
    if delivery.is_personal or delivery.is_test or delivery.audience == Audience.GUEST:
        return ""
    settings = PortalSettings.load()
    if delivery.channel == Channel.SMS and not settings.sms_enabled:
        return sms_is_off()
    requested = delivery.audience == Audience.REQUESTED
    if not by_hand and (why := _job_alert_is_gone(delivery) if requested else _alert_is_off(delivery.alert)):
        return why
    event, subject = _event_and_subject(delivery)
    if event is None or subject is None:
        needs_no_right = by_hand and delivery.audience not in (Audience.PORTAL_USER, Audience.STAFF, Audience.REQUESTED)
        return "" if needs_no_right else _("What it was about no longer exists.")
    source = source_named(delivery.event_model)
    if source is not None and (why := source.why_over(event, subject, delivery)):
        return why
    if requested:
        return _why_not_asked_for(delivery, event, settings, by_hand=by_hand)
    return _why_not_told(delivery, subject, by_hand=by_hand)


def _alert_is_off(alert: Alert | None) -> str:
    if alert is None:
        return _("The alert was deleted.")
    return "" if alert.is_active else _("The alert was switched off.")


def _job_alert_is_gone(delivery: Delivery) -> str:
    return "" if delivery.job_alert is not None else _no_longer_asked_for()


def _no_longer_asked_for() -> str:
    return _("Nobody asks for these messages any more.")


def _event_and_subject(delivery: Delivery) -> tuple[RecordedEvent | None, Subject | None]:
    """What happened and to what, as it stands now; None for what is gone."""
    source = source_named(delivery.event_model)
    if source is None or delivery.event_id is None:
        return None, None
    event = source.model._default_manager.filter(pk=delivery.event_id).select_related(*source.loads).first()
    return event, source.subjects([event]).get(event.pk) if event is not None else None


def _why_not_asked_for(delivery: Delivery, event: RecordedEvent, settings: PortalSettings, *, by_hand: bool) -> str:
    job_alert = delivery.job_alert
    if job_alert is None or not isinstance(event, JobEvent):
        return _no_longer_asked_for()
    counting = alerts_on_jobs([event.job], settings).get(event.job_id, [])
    if job_alert not in counting:
        return _("Whoever asked for these messages may no longer do so.")
    wanted = recipient_of(job_alert, event, settings)
    if not by_hand and (wanted is None or wanted.address != delivery.recipient):
        return _no_longer_asked_for()
    return ""


def _why_not_told(delivery: Delivery, subject: Subject, *, by_hand: bool) -> str:
    audience, address = Audience(delivery.audience), (Channel(delivery.channel), delivery.recipient)
    if by_hand:
        # Whose address it was may have changed; who may see it is not for the sender to say.
        rights = audience in (Audience.PORTAL_USER, Audience.STAFF)
        return _no_longer(audience) if rights and not is_reached(audience, subject, address, delivery.user) else ""
    assert delivery.alert is not None
    if still_reached(delivery.alert, subject, audience, address, delivery.user):
        return ""
    return _no_longer(audience)


def _no_longer(audience: Audience) -> str:
    match audience:
        case Audience.SITE_CONTACT:
            return _("The job has another contact now.")
        case Audience.BILLING_CONTACT:
            return _("The customer has another billing contact now.")
        case Audience.WORKER:
            return _("This person no longer does the job.")
        case Audience.PORTAL_USER | Audience.STAFF:
            return _("This person may no longer see what it is about.")
    return _("The alert no longer names this address.")
