"""Hears that something happened to jobs, after the commit, and wakes the worker."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from background.waking import wake_for_each
from jobs.signals import job_event_recorded


@receiver(job_event_recorded, dispatch_uid="alerts.announce")
def announce_soon(sender: Any, event_ids: list[int], **kwargs: Any) -> None:
    """Has the events announced in the background."""
    wake_for_each("alerts.tasks.announce_events", event_ids)
