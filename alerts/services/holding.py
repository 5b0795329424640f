"""Channels whose carrier refuses us: nothing is tried until one message shows that it lets us in again.

Why: docs/decisions/0153-uncertain-and-held.md.
"""

from __future__ import annotations

import uuid
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
from background.waking import BATCH, wake_after_commit, wake_for_each
from console.errors import Refused
from console.reach import By

# Between two trials of a held channel; the last one again and again.
PAUSES = (
    FIRST_PAUSE,
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=15),
)
# The task that is woken for a trial: it does what is due.
SWEEP = "alerts.tasks.sweep"


def try_held_channels() -> None:
    """Tries each held channel whose time has come with one message, and opens it if the carrier lets us in."""
    now = timezone.now()
    for hold in ChannelHold.objects.to_try(now):
        # Without a message there is nothing to try it with; the next one is the trial.
        if not Delivery.objects.waiting(now).filter(channel=hold.channel).exists():
            continue
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
        waiting = Delivery.objects.due(now).filter(channel=hold.channel).order_by("next_attempt_at", "pk")
        wake_for_each(Delivery.TASK, waiting.values_list("pk", flat=True))
    else:
        said = {"why": fate.why[:400], "words": fate.words[:400]} if isinstance(fate, Held) else {}
        pause = PAUSES[min(hold.tries, len(PAUSES) - 1)]
        mine.update(tried_at=now, next_try_at=now + pause, **said, **let_go)


def _fate_of_one(channel: Channel) -> Fate | None:
    """What became of the first message that really went to its carrier; None where none did."""
    waiting = Delivery.objects.waiting(timezone.now()).filter(channel=channel).order_by("next_attempt_at", "pk")
    for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
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
        if not Delivery.objects.waiting(now).filter(channel=hold.channel).exists():
            raise Refused(_("No message is waiting. The next one is used to try it."))
        hold.next_try_at, hold.asked_by = now, by if isinstance(by, User) else None
        hold.save(update_fields=["next_try_at", "asked_by"])
        wake_after_commit(SWEEP)
