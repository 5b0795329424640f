"""From a message to its fate."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.channels import CHANNELS
from alerts.channels.base import Fate, Held, Message, NotCarried, Permanent, Sent, Temporary, Uncertain
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import ChannelHold, Delivery, DeliveryQuerySet
from alerts.services.asked_again import quiet_until, waits_until_quiet_hours_end, why_over
from alerts.services.stops import stop_messages
from alerts.services.words import words_to_send
from alerts.sources import MustNotGo, source_named
from audit.encryption import CannotDecrypt
from business.holding import move_mark, notice_restore

log = logging.getLogger(__name__)

# Waiting times after a temporary failure; after the last one it has failed.
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)

# After this long a channel that began to be held is tried again (``holding``).
FIRST_PAUSE = timedelta(minutes=1)


def deliver(delivery_ids: Iterable[int]) -> int:
    """Sends what is due among some messages; returns how many were given to their channel.

    Nothing is sent in a transaction: each step is on record before the next one is taken.
    """
    return sum(attempt(pk) is not None for pk in delivery_ids)


def attempt(pk: int, *, although_held: bool = False) -> Fate | None:
    """Sends a message if it is due; returns what its channel made of it, None where the channel was not asked.

    ``although_held``: also where its channel is held, to find out whether it still has to be (``holding``).
    """
    delivery = claim(pk, although_held=although_held)
    if delivery is None:
        return None
    if quiet_end := quiet_until(delivery, timezone.now()):
        _put_back(delivery, quiet_end)
        return None
    if why := why_over(delivery, by_hand=delivery.is_by_hand):
        _record(delivery, state=DeliveryState.SKIPPED, why=why, next_attempt_at=None)
        return None
    if not _hand_over(delivery):
        return None
    try:
        # The way to stop, and the portal link where it is named: without them it does not go out.
        delivery.require_token()
        subject, body = words_to_send(delivery)
    except CannotDecrypt as problem:
        # A process that was started with other keys; the next one may have the right ones.
        record_fate(delivery, Temporary(str(problem)))
        return None
    except MustNotGo as problem:
        record_fate(delivery, Permanent(str(problem)))
        return None
    message = Message(
        # Not the token: mail servers write down the ID of each message.
        key=delivery.token_digest[:32],
        to=delivery.recipient,
        to_name=delivery.recipient_name,
        subject=subject,
        body=body,
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
    return fate


def claim(pk: int, *, although_held: bool = False) -> Delivery | None:
    """Takes one message to send, if it is due and nobody else has; None otherwise. ``although_held``: also one whose
    channel is held."""
    notice_restore()
    now = timezone.now()
    due = Delivery.objects.waiting(now) if although_held else Delivery.objects.due(now)
    taken = Delivery.take(due, pk, state=DeliveryState.SENDING, handed_over_at=None, why="")
    return Delivery.objects.select_related("alert", "job_alert", "user").get(pk=pk) if taken else None


def _put_back(delivery: Delivery, until: datetime) -> None:
    """Quiet hours have begun since it was taken, or last put off: it waits, and that was no attempt."""
    _mine(delivery).filter(state=DeliveryState.SENDING).update(
        state=DeliveryState.QUEUED,
        why=waits_until_quiet_hours_end(),
        next_attempt_at=until,
        tries=F("tries") - 1,
        claim=None,
        heartbeat_at=None,
    )


def _hand_over(delivery: Delivery) -> bool:
    """Says that from this moment on it may have gone out, here and outside the database. False when the claim was lost
    meanwhile."""
    if not _mine(delivery).filter(state=DeliveryState.SENDING).update(handed_over_at=timezone.now()):
        return False
    move_mark()
    return True


def _mine(delivery: Delivery) -> DeliveryQuerySet:
    return Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim)


def _record(delivery: Delivery, **facts: Any) -> None:
    # Also from "uncertain": a process thought dead that comes back knows better.
    possible = (DeliveryState.SENDING, DeliveryState.UNCERTAIN)
    facts["why"] = str(facts.get("why", ""))[:400]
    with transaction.atomic():
        if _mine(delivery).filter(state__in=possible).update(**facts):
            tell_source([delivery])


def tell_source(deliveries: Iterable[Delivery]) -> None:
    """Writes down what became of personal mails where they come from as well, in the transaction in which it was saved:
    an invitation says whether its mail went out."""
    for delivery in Delivery.objects.filter(pk__in=[one.pk for one in deliveries if one.is_personal]):
        if source := source_named(delivery.event_model):
            source.note_fate(delivery)


def record_fate(delivery: Delivery, fate: Fate) -> None:
    """Writes down what became of a message that was taken to be sent."""
    now = timezone.now()
    match fate:
        case Sent(reference, note, arrived):
            state = DeliveryState.DELIVERED if arrived else DeliveryState.SENT
            _record(delivery, state=state, sent_at=now, reference=reference, why=note, next_attempt_at=None)
        case NotCarried(why):
            _record(delivery, state=DeliveryState.NOT_CARRIED, why=why, next_attempt_at=None)
        case Temporary(why) if delivery.tries <= len(BACKOFF):
            next_attempt = now + BACKOFF[delivery.tries - 1]
            if quiet_end := quiet_until(delivery, next_attempt):
                next_attempt, why = quiet_end, f"{why} {waits_until_quiet_hours_end()}"
            _record(delivery, state=DeliveryState.QUEUED, why=why, next_attempt_at=next_attempt)
        case Temporary(why):
            given_up = _("Given up after %(count)d attempts. %(why)s") % {"count": delivery.tries, "why": why}
            _record(delivery, state=DeliveryState.FAILED, why=given_up, next_attempt_at=None)
        case Held(why):
            with transaction.atomic():
                hold_channel(Channel(delivery.channel), fate)
                # That was no attempt: it waits with all others of its channel.
                waits = {"state": DeliveryState.QUEUED, "next_attempt_at": now, "handed_over_at": None}
                _record(delivery, why=why, tries=F("tries") - 1, **waits)
        case Permanent(why, stopped):
            _record(delivery, state=DeliveryState.FAILED, why=why, next_attempt_at=None)
            if stopped:
                stop_messages(delivery.recipient, job=None, actor=delivery.recipient)
        case Uncertain(why):
            _record(delivery, state=DeliveryState.UNCERTAIN, why=why, next_attempt_at=None)


def hold_channel(channel: Channel, fate: Held) -> None:
    """Nothing of a channel is tried any more until it lets us in. One that is held already stays so, as it is."""
    now = timezone.now()
    first = {"why": fate.why[:400], "words": fate.words[:400], "since": now, "tried_at": now, "tries": 1}
    first["next_try_at"] = now + FIRST_PAUSE
    ChannelHold.objects.get_or_create(channel=channel, ended_at=None, defaults=first)


def free_dead_claims() -> int:
    """Messages taken by a process that died: back to the queue if they surely did not go out, else *uncertain*."""
    dead = Delivery.objects.abandoned()
    with transaction.atomic():
        personal = list(dead.filter(audience=Audience.OWNER).select_for_update(of=("self",)))
        back = dead.filter(handed_over_at__isnull=True).update(
            state=DeliveryState.QUEUED, claim=None, heartbeat_at=None, next_attempt_at=timezone.now()
        )
        unsure = dead.filter(handed_over_at__isnull=False).update(
            state=DeliveryState.UNCERTAIN,
            next_attempt_at=None,
            why=_(
                "Portico was interrupted while handing it over: it may have arrived. If it did not, send it again by "
                "hand."
            ),
        )
        tell_source(personal)
    return back + unsure
