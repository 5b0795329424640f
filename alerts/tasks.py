"""Background work: keys in, one service called. A task may run twice; the services claim what they touch."""

from __future__ import annotations

from celery import shared_task

from alerts import services
from alerts.models import Delivery
from alerts.sources import source_named
from audit.act import Source, acting
from background.waking import wake_for_each


@shared_task
def announce_events(event_ids: list[int], model: str) -> None:
    """Writes the messages of some events, then has them sent. ``model``: the name of their table."""
    source = source_named(model)
    if source is not None:
        with acting(source=Source.SYSTEM):
            wake_for_each(Delivery.TASK, services.announce(event_ids, source.model))


@shared_task
def deliver_messages(delivery_ids: list[int]) -> None:
    """Sends some messages."""
    with acting(source=Source.SYSTEM):
        services.deliver(delivery_ids)


@shared_task
def sweep() -> None:
    """Does what no other task came to do. Runs every 20 seconds (settings.CELERY_BEAT_SCHEDULE)."""
    with acting(source=Source.SYSTEM):
        services.sweep()
