"""One-time codes: sent while somebody waits, kept nowhere, and on the ledger like every message."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.catalogue import CODE
from alerts.channels import CHANNELS
from alerts.channels.base import Fate, Held, Message, Permanent, Temporary
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import ChannelHold, Delivery
from alerts.services.delivering import hold_channel, record_fate
from business.models import PortalSettings
from jobs.models import Job

# What the ledger says in place of the code.
HIDDEN = "••••••"


def send_code(job: Job, code: str, *, channel: Channel, to: str, minutes: int, language: str) -> bool:
    """Sends a code for the portal link of a job, now; False when it certainly did not go out.

    It is never tried again: the code is in no table. ``minutes``: how long it works.
    """
    settings = PortalSettings.load()
    said = _("%(code)s is your code for %(business)s. It works for %(minutes)s minutes, and once.")
    words = {"business": settings.portal_name, "minutes": minutes}
    now = timezone.now()
    delivery = Delivery(
        kind=CODE,
        job=job,
        about=job.number,
        customer=job.customer,
        template=job.template,
        audience=Audience.GUEST,
        channel=channel,
        recipient=to,
        recipient_name=job.contact_name[:160],
        subject=(_("Your code for %s") % settings.portal_name)[:300],
        body=said % {**words, "code": HIDDEN},
        reply_to=settings.business_email,
        language=language,
        state=DeliveryState.SENDING,
        tries=1,
        handed_over_at=now,
        created_at=now,
    )
    delivery.take_in_hand()
    delivery.save()
    fate = _hand_over(
        channel,
        Message(
            key=delivery.token_digest[:32],
            to=to,
            to_name=delivery.recipient_name,
            subject=delivery.subject,
            body=said % {**words, "code": code},
            reply_to=delivery.reply_to,
            language=language,
            urgent=True,
        ),
    )
    record_fate(delivery, fate)
    return not isinstance(fate, Permanent)


def _hand_over(channel: Channel, message: Message) -> Fate:
    """The fate of a message that is not tried again. A carrier that is known to refuse us is not asked."""
    if ChannelHold.objects.open().filter(channel=channel).exists():
        return Permanent(_("Not sent: the carrier refuses us at the moment."))
    fate = CHANNELS[channel].send(message)
    if isinstance(fate, Held):
        hold_channel(channel, fate)
    return Permanent(fate.why) if isinstance(fate, Temporary | Held) else fate
