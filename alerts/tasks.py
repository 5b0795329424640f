"""Background work: one service called. A task may run twice; the services claim what they touch.

Their queues: ``config/queues.py``, docs/decisions/0150-queues.md.
"""

from __future__ import annotations

from celery import shared_task

from alerts import services
from alerts.models import Delivery
from alerts.sources import source_named
from audit.act import Source, acting
from background.waking import wake


@shared_task
def announce_events(event_ids: list[int], model: str) -> None:
    """Writes the messages of some events, then has them sent. ``model``: the name of their table."""
    source = source_named(model)
    if source is not None:
        with acting(source=Source.SYSTEM):
            for channel in services.channels_of(services.announce(event_ids, source.model)):
                wake(Delivery.TASK, channel)


@shared_task
def send_messages(channel: str) -> None:
    """Sends what is due on one channel, for a while; then others have their turn, and it comes again."""
    with acting(source=Source.SYSTEM):
        if services.send_due(channel):
            wake(Delivery.TASK, channel)


@shared_task
def sweep() -> None:
    """Does what no other task came to do. Runs every 20 seconds (``config/queues.py``)."""
    with acting(source=Source.SYSTEM):
        services.sweep(send=_have_sent)


def _have_sent(channel: str) -> None:
    # Somewhere else, so that the next sweep waits for no carrier; here, where there is no broker.
    if not wake(Delivery.TASK, channel):
        services.send_due(channel)
