"""What happens by the clock, and what nobody else did."""

from __future__ import annotations

from collections.abc import Callable

from alerts.models import Alert
from alerts.services.announcing import BATCH, announce
from alerts.services.delivering import free_dead_claims
from alerts.services.doubts import digest_of_changes
from alerts.services.sending import channels_with_due, send_due
from alerts.sources import EventSource, sources
from business.holding import note_changes, notice_restore
from jobs.choices import EventKind
from jobs.services import record_missed, record_reminders


def watch_the_clock() -> None:
    """Writes down what became true by the clock alone, of what some active alert is about."""
    wanted = Alert.objects.filter(is_active=True)
    kinds = set(wanted.order_by().values_list("event", flat=True).distinct())
    if EventKind.REMINDED in kinds:
        hours = wanted.filter(event=EventKind.REMINDED).values_list("hours_before", flat=True)
        record_reminders([one for one in hours if one])
    if kinds & {EventKind.START_MISSED, EventKind.FINISH_MISSED}:
        record_missed(kinds)


def _announce_the_rest(source: EventSource) -> None:
    """Announces what nobody announced. Each event is looked at once: one that another process holds is left to it."""
    waiting, last = source.model._default_manager.filter(announced_at__isnull=True).order_by("pk"), 0
    while events := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        announce(events, source.model)
        # Nobody can be told of what is about nothing any more.
        source.remove_lost(events)
        last = events[-1]


def sweep(send: Callable[[str], object] = send_due) -> None:
    """The guarantee behind every shortcut: announces what nobody announced, frees dead claims, has sent what is due.

    ``send`` is told of each channel on which something is due, or that is held and may be tried: by default it is
    sent here, for a while.
    """
    notice_restore()
    watch_the_clock()
    for source in sources():
        _announce_the_rest(source)
    free_dead_claims()
    for channel in channels_with_due():
        send(channel)
    # Also when nothing was sent: what was made, given or ended since must not be lost unnoticed.
    note_changes(digest_of_changes())
