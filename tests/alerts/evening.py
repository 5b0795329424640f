"""Messages that wait: an evening in March by the business's clock, a carrier that is busy, a job and whom to tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from alerts.channels.base import Sent, Temporary
from alerts.choices import Audience
from alerts.job_alerts import set_job_alert
from alerts.models import Delivery
from business.models import PortalSettings
from jobs.choices import EventKind
from jobs.services import (
    schedule_job,
    start_job,
)
from tests.alerts.makers import make_alert
from tests.factories import make_job

BERLIN = timezone.get_default_timezone()
EVENING = datetime(2026, 3, 3, 18, 0, tzinfo=BERLIN)


def night(hour: int, minute: int, day: int = 3, second: int = 0) -> datetime:
    """A moment of that night."""
    return datetime(2026, 3, day, hour, minute, second, tzinfo=BERLIN)


class Carrier:
    """A channel that fails as often as the test says, and remembers to whom it sent."""

    def __init__(self):
        self.failures, self.sent = 0, []

    def send(self, message):
        if self.failures:
            self.failures -= 1
            return Temporary("busy")
        self.sent.append(message.to)
        return Sent()


def silence_the_past():
    from jobs.models import JobEvent

    JobEvent.objects.update(announced_at=timezone.now())


class Story:
    """A job, an alert on what happens to it, and what happened. ``address``: who is to be told."""

    def __init__(self, cast, audience):
        self.cast, self.audience = cast, audience
        people = {"to_site_contact": False}
        kind, address = EventKind.CREATED, "site@acme.example"
        if audience in (Audience.SITE_CONTACT, "reminder"):
            people = {}
        elif audience == Audience.PORTAL_USER:
            people["to_portal_users"], address = True, "colm@example.com"
        elif audience == Audience.WORKER:
            people["to_worker"], address, kind = True, "theo@harbour.example", EventKind.SCHEDULED
        elif audience == Audience.BILLING_CONTACT:
            contact = cast.acme.contacts.get()
            contact.is_billing_contact = True
            contact.save()
            people["to_billing_contact"] = True
        elif audience == Audience.FIXED:
            people["emails"], address = "gate@site.example", "gate@site.example"
        elif audience == "sms":
            people |= {"to_site_contact": True, "by_email": False, "by_sms": True}
            address = "+4915123456789"
            PortalSettings.objects.update(sms_enabled=True)
        self.alert, self.address = None, address
        if audience == Audience.REQUESTED:
            self.address, kind = "foreman@site.example", EventKind.STARTED
        elif audience != Audience.OWNER:
            self.alert = make_alert(EventKind.REMINDED if audience == "reminder" else kind, hours_before=24, **people)
        cast.theo.email = "theo@harbour.example"
        cast.theo.save()
        self.job = make_job(
            cast.acme,
            cast.exchange,
            by=cast.dana,
            contact_name="Gita",
            contact_email="site@acme.example",
            contact_phone="01512 3456789",
        )
        if audience == "reminder":
            schedule_job(self.job, by=cast.dana, start=timezone.now() + timedelta(hours=30))
        elif audience == Audience.WORKER:
            silence_the_past()
            schedule_job(self.job, by=cast.dana, start=timezone.now() + timedelta(hours=30), worker=cast.theo)
        elif audience == Audience.REQUESTED:
            (self.job_alert,) = set_job_alert(
                self.job, by=cast.cora.user, when=["started"], emails=["foreman@site.example"]
            )
            start_job(self.job, by=cast.dana)
        self.job.refresh_from_db()

    @property
    def message(self):
        return Delivery.objects.filter(recipient=self.address).order_by("-pk").first()
