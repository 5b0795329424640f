"""After a restore: which messages may have gone out in the time that was lost.

One column says it: a message that waits and was due before the end of that time (``DeliveryQuerySet.doubtful``). Here
is seen to it that the column is right, also for messages that are written only now, about what happened then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Max, Model
from django.utils.translation import gettext_lazy as _

from alerts.choices import DeliveryState
from alerts.models import Delivery
from alerts.sources import sources
from audit.changelog import history_of, tracked_models
from audit.events import RecordedEvent
from audit.wording import for_the_record
from business.holding import held_requests, open_hold
from business.mark import mark_path
from business.models import Hold
from jobs.models import JobNumber
from jobs.models.payloads import FinishMissed, StartIsNear, StartMissed

_WHY = _("The database was restored: it may have gone out before that. If it did not, send it again by hand.")


def may_have_gone_out() -> str:
    """Return why a message was held, as it is kept on the ledger."""
    return for_the_record(_WHY)


def take_out_of_hand(hold: Hold) -> None:
    """Messages that somebody had taken, and not handed over, wait again, due as they were (``WHEN_HELD``). A worker
    that is alive finds its claim gone and sends nothing."""
    Delivery.objects.filter(state=DeliveryState.SENDING, handed_over_at__isnull=True).update(
        state=DeliveryState.QUEUED, claim=None, heartbeat_at=None
    )


def note_doubts(deliveries: Iterable[Delivery], events: Mapping[int, RecordedEvent]) -> None:
    """Say of new messages, not saved yet, whether they may have gone out before a restore.

    Those about what happened by then are due since then. Those of work that is done again after the office decided to
    hold are uncertain at once. ``events``: of one table, by primary key. One or two queries.
    """
    hold, again = open_hold(), held_requests()
    if hold is None and not again:
        return
    for delivery in deliveries:
        event = events.get(delivery.event_id or 0)
        if event is None or delivery.state != DeliveryState.QUEUED:
            continue
        if str(event.request_id) in again:
            delivery.state, delivery.why = DeliveryState.UNCERTAIN, may_have_gone_out()
            delivery.next_attempt_at = None
        elif hold is not None and (at := _became_true(event)) <= hold.lost_until:
            # Quiet hours are asked again when it goes out.
            delivery.next_attempt_at, delivery.why = at, ""


def _became_true(event: RecordedEvent) -> datetime:
    """When somebody could have been told first: what the clock alone makes true is written down later."""
    payload = event.payload
    if isinstance(payload, StartIsNear) and payload.start is not None:
        return min(event.at, payload.start - timedelta(hours=payload.hours))
    if isinstance(payload, StartMissed | FinishMissed) and payload.start is not None:
        return min(event.at, payload.start)
    return event.at


def digest_of_changes() -> str:
    """Return a fingerprint of how much has happened: it differs as soon as anything was changed or made. Empty where
    no mark is kept. One query for each table of history, by its key."""
    if mark_path() is None:
        return ""
    tables: list[type[Model]] = [history_of(model).model for model in tracked_models()]
    tables += [source.model for source in sources()]
    newest = [str(table._default_manager.aggregate(newest=Max("pk"))["newest"]) for table in tables]
    newest += [str(last) for last in JobNumber.objects.values_list("last", flat=True)]
    return hashlib.sha256(" ".join(newest).encode()).hexdigest()
