"""The console pages of alerts, of the message ledger, and of who wants no more messages."""

from alerts.admin.alerts import AlertAdmin
from alerts.admin.deliveries import DeliveryAdmin
from alerts.admin.holds import ChannelHoldAdmin
from alerts.admin.stops import MessageStopAdmin

__all__ = ["AlertAdmin", "ChannelHoldAdmin", "DeliveryAdmin", "MessageStopAdmin"]
