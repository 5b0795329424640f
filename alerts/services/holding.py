"""Channels whose carrier refuses us: nothing is tried until one message shows that it lets us in again.

Why: docs/decisions/0153-uncertain-and-held.md.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.channels.base import Fate, Held, knows_us
from alerts.choices import Channel
from alerts.models import ChannelHold, Delivery
from alerts.services.delivering import FIRST_PAUSE, attempt
from audit.act import acting
from background.waking import wake_after_commit
from console.errors import Refused
from console.reach import By

log = logging.getLogger(__name__)

# Between two trials of a held channel; the last one again and again.
PAUSES = (
    FIRST_PAUSE,
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=15),
)
# Whoever keeps pressing "Try now" gets an account locked: after one trial that was asked for, so long a pause.
ASKED_PAUSE = timedelta(seconds=30)
# Of what waits, so many are looked at for one that may still go out.
_LOOKED_AT = 200


def channels_to_try() -> set[Channel]:
    """The held channels whose time for a trial has come, and on which something waits."""
    now = timezone.now()
    held = ChannelHold.objects.to_try(now).values("channel")
    waiting = Delivery.objects.waiting(now).filter(channel__in=held).order_by()
    return known(waiting.values_list("channel", flat=True).distinct())


def known(channels: Iterable[str]) -> set[Channel]:
    """Return those of some channels that there are. A message may name one of a newer version, or one that was taken
    out: it waits, and keeps no other from going out."""
    names = set(channels)
    if others := names.difference(Channel.values):
        log.warning("Messages wait for channels that this version does not have: %s", ", ".join(sorted(others)))
    return {Channel(channel) for channel in names & set(Channel.values)}


def try_held_channel(channel: str) -> None:
    """Tries a channel with one message if it is held and its time has come, and opens it if the carrier lets us in."""
    now = timezone.now()
    hold = ChannelHold.objects.to_try(now).filter(channel=channel).first()
    # Without a message there is nothing to try it with; the next one is the trial.
    if hold is None or not Delivery.objects.waiting(now).filter(channel=channel).exists():
        return
    if claim := ChannelHold.take(ChannelHold.objects.to_try(now), hold.pk):
        _try(hold, claim)


def _try(hold: ChannelHold, claim: uuid.UUID) -> None:
    fate = _fate_of_one(Channel(hold.channel))
    now = timezone.now()
    mine = ChannelHold.objects.filter(pk=hold.pk, claim=claim)
    let_go = {"claim": None, "heartbeat_at": None}
    if fate is None:
        # What waited is not to go out any more, or not now: no trial.
        mine.update(tries=F("tries") - 1, **let_go)
    elif knows_us(fate):
        mine.update(ended_at=now, tried_at=now, **let_go)
    else:
        said = {"why": fate.why[:400], "words": fate.words[:400]} if isinstance(fate, Held) else {}
        pause = PAUSES[min(hold.tries, len(PAUSES) - 1)]
        mine.update(tried_at=now, next_try_at=now + pause, **said, **let_go)


def _fate_of_one(channel: Channel) -> Fate | None:
    """What became of the first message that really went to its carrier; None where none did."""
    waiting = Delivery.objects.waiting(timezone.now()).filter(channel=channel).order_by("next_attempt_at", "pk")
    for pk in list(waiting.values_list("pk", flat=True)[:_LOOKED_AT]):
        if (fate := attempt(pk, although_held=True)) is not None:
            return fate
    return None


def try_channel(hold: ChannelHold, *, by: By) -> None:
    """Has a held channel tried now, with one message, whatever pause is left.

    Raises Refused when it is open again, is being tried, or nothing waits that it could be tried with.
    """
    with transaction.atomic(), acting(by=by):
        hold = ChannelHold.objects.select_for_update(of=("self",)).get(pk=hold.pk)
        now = timezone.now()
        if not hold.is_open:
            raise Refused(_("Nothing is held any more: messages go out again."))
        if not ChannelHold.objects.filter(ChannelHold.silent(now), pk=hold.pk).exists():
            raise Refused(_("It is being tried at this moment. Look again in a minute."))
        # One that lies ahead was tried by a clock that was set back since: no pause of ours.
        just_now = hold.tried_at is not None and now - ASKED_PAUSE < hold.tried_at <= now
        if hold.asked_by_id is not None and just_now:
            raise Refused(_("It was tried just now, in vain. Correct the settings, then try again in half a minute."))
        if not Delivery.objects.waiting(now).filter(channel=hold.channel).exists():
            raise Refused(_("No message is waiting. The next one is used to try it."))
        hold.next_try_at, hold.asked_by = now, by if isinstance(by, User) else None
        hold.save(update_fields=["next_try_at", "asked_by"])
        wake_after_commit(Delivery.TASK, hold.channel)
