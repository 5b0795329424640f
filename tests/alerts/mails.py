"""The mails that wait, sent as a worker's clock would have them sent."""

from __future__ import annotations

from alerts.choices import DeliveryState
from alerts.models import Delivery
from alerts.services import sweep


def send_mails() -> int:
    """Announces what nobody announced, and sends what is due; returns how many mails have gone out by that."""
    before = _sent()
    sweep()
    return _sent() - before


def _sent() -> int:
    return Delivery.objects.filter(channel="email", state=DeliveryState.SENT).count()
