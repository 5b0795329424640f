"""Addresses that want no more messages."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.choices import Channel
from alerts.models import Delivery, MessageStop
from audit.act import acting
from console.errors import Refused
from console.reach import By, require_reach
from jobs.models import Job
from jobs.services import lock_jobs


def stop_messages(address: str, *, job: Job | None, actor: str = "") -> MessageStop:
    """No more messages to an address: about one job, or at all. Asking twice changes nothing.

    Raises Refused when that job is gone.
    """
    with transaction.atomic(), acting(actor=actor or address):
        # Nobody removes the job meanwhile.
        if job is not None and not lock_jobs({job.pk}):
            raise Refused(_("This job no longer exists."))
        stop, _made = MessageStop.objects.get_or_create(address=address, job=job)
    return stop


def lift_stop(stop: MessageStop, *, by: By, reason: str = "") -> None:
    """Messages may go to the address again: for somebody who asked for them."""
    require_reach(by, stop)
    with transaction.atomic(), acting(by=by, reason=reason or None):
        stop.delete()


def may_be_stopped(delivery: Delivery) -> bool:
    """Is it one that its recipient can do without? A notice in the console bothers nobody, and without the mail of an
    account nobody gets in, or notices who did."""
    return delivery.channel != Channel.CONSOLE and not delivery.is_personal


def has_stopped(delivery: Delivery) -> bool:
    """Did whom it goes to ask for no more, about its job or at all?"""
    if not may_be_stopped(delivery):
        return False
    about = Q(job__isnull=True) | Q(job=delivery.job_id) if delivery.job_id else Q(job__isnull=True)
    return MessageStop.objects.filter(about, address=delivery.recipient).exists()


def stopped() -> str:
    """Why such a message is not sent."""
    return _("This address asked for no more messages.")
