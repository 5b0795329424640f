"""Hears that something happened, after the commit, and wakes the worker."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from alerts.sources import source_named
from audit.events import RecordedEvent, event_recorded
from background.waking import wake_for_each


@receiver(event_recorded, dispatch_uid="alerts.announce")
def announce_soon(sender: type[RecordedEvent], event_ids: list[int], **kwargs: Any) -> None:
    """Has the events announced in the background."""
    if source_named(label := sender._meta.label_lower):
        wake_for_each("alerts.tasks.announce_events", event_ids, label)
