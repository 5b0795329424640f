"""Sending what is due, one channel apart from the other: a carrier that is slow holds back itself alone.

Why so, and what was measured: docs/decisions/0150-queues.md.
"""

from __future__ import annotations

import random
import time
from threading import BoundedSemaphore

from django.utils import timezone

from alerts.choices import Audience, Channel
from alerts.models import Delivery
from alerts.services.delivering import deliver
from alerts.services.holding import channels_to_try, known, try_held_channel

# So many at once in one process. Where one server hangs on one message, the others of its channel go on.
AT_ONCE = {Channel.EMAIL: 4, Channel.SMS: 2, Channel.CONSOLE: 1}
# After so many seconds something else has its turn, in a worker that does one thing at a time.
SLICE = 5.0
# What is looked up at once. A mail that somebody waits for waits for no more of the others than these.
_AT_A_TIME = 20

_free = {channel: BoundedSemaphore(number) for channel, number in AT_ONCE.items()}


def send_due(channel: str, seconds: float = SLICE) -> bool:
    """Sends what is due on one channel, for a while, first what somebody waits for; where it is held, tries it before.
    Does more wait? Then come again.

    False too where as many as may do so in this process are at it: they look again before they end.
    """
    gate = _free[Channel(channel)]
    if not gate.acquire(blocking=False):
        return False
    try:
        try_held_channel(channel)
        got_on = _send_some(channel, time.monotonic() + seconds)
    finally:
        gate.release()
    # Asked after others could come in again: of what is queued from now on, one of us hears.
    return got_on and bool(_due(channel, 1))


def channels_with_due() -> list[Channel]:
    """The channels on which something waits that may go now, or that are held and may be tried with it."""
    found = Delivery.objects.due(timezone.now()).order_by().values_list("channel", flat=True).distinct()
    return sorted(known(found) | channels_to_try())


def channels_of(delivery_ids: list[int]) -> list[Channel]:
    """The channels by which some messages go."""
    found = Delivery.objects.filter(pk__in=delivery_ids).order_by().values_list("channel", flat=True).distinct()
    return sorted(Channel(channel) for channel in found)


def _send_some(channel: str, until: float) -> bool:
    """Sends until the time is up or nothing is left. False when what is due was not to be had: others send it."""
    before: set[int] = set()
    while waiting := _due(channel, _AT_A_TIME):
        if before == set(waiting):
            return False
        before = set(waiting)
        for pk in waiting:
            deliver([pk])
            if time.monotonic() >= until:
                return True
    return True


def _due(channel: str, number: int) -> list[int]:
    """Keys of what is due: mails about somebody's own account first, the others in any order, so that of several who
    send at once not all begin with the same one."""
    due = Delivery.objects.due(timezone.now()).filter(channel=channel).order_by("next_attempt_at", "pk")
    first = list(due.filter(audience=Audience.OWNER).values_list("pk", flat=True)[:number])
    others = list(due.exclude(audience=Audience.OWNER).values_list("pk", flat=True)[: number - len(first)])
    random.shuffle(others)
    return first + others
