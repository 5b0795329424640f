"""Rules that say who is told what, each message with its fate, and who wants no more of them."""

from alerts.models.deliveries import Delivery, DeliveryQuerySet, stop_url_of
from alerts.models.holds import ChannelHold, ChannelHoldQuerySet
from alerts.models.job_alerts import JobAlert, JobAlertQuerySet
from alerts.models.rules import Alert
from alerts.models.stops import MessageStop

__all__ = [
    "Alert",
    "ChannelHold",
    "ChannelHoldQuerySet",
    "Delivery",
    "DeliveryQuerySet",
    "JobAlert",
    "JobAlertQuerySet",
    "MessageStop",
    "stop_url_of",
]
