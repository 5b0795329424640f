"""What happens by the clock, and what nobody else did."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef
from django.utils import timezone

from alerts.models import Alert, Delivery
from alerts.services.announcing import BATCH, announce
from alerts.services.delivering import deliver, free_dead_claims
from jobs.choices import EventKind
from jobs.models import Job, JobEvent
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


def _announce_the_rest() -> None:
    """Announces what nobody announced. Each event is looked at once: one that another process holds is left to it."""
    waiting, last = JobEvent.objects.unannounced().order_by("pk"), 0
    while events := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        announce(events)
        _remove_the_lost(events)
        last = events[-1]


def _remove_the_lost(keys: Collection[int]) -> None:
    """Removes those of the events whose job is gone: nobody can be told of them. The database does not rule them out
    (docs/decisions/0022-writing-in-sets.md)."""
    jobs = Job.objects.filter(pk=OuterRef("job_id"))
    JobEvent.objects.unannounced().filter(~Exists(jobs), pk__in=keys).delete()


def sweep() -> None:
    """The guarantee behind every shortcut: announces what nobody announced, frees dead claims, sends what is due."""
    watch_the_clock()
    _announce_the_rest()
    free_dead_claims()
    due = Delivery.objects.due(timezone.now()).order_by("next_attempt_at", "pk")
    deliver(list(due.values_list("pk", flat=True)[:BATCH]))
