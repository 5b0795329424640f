"""The fixed vocabularies of alerts and deliveries, each state with its badge colour."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """By which way a message goes. The code of each: ``alerts.channels``."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    CONSOLE = "console", _("Console")


class Audience(models.TextChoices):
    """Whom an alert can tell (PRODUCT.md section 7), and who is told without one."""

    SITE_CONTACT = "site_contact", _("Site contact")
    BILLING_CONTACT = "billing_contact", _("Billing contact")
    PORTAL_USER = "portal_user", _("Portal user")
    WORKER = "worker", _("Worker")
    STAFF = "staff", _("Staff")
    FIXED = "fixed", _("Fixed address")
    REQUESTED = "asked", _("Asked for on the job")
    OWNER = "owner", _("Owner of the account")
    GUEST = "guest", _("Guest of a portal link")


class JobAlertWhen(models.TextChoices):
    """When a portal user can have a message sent about one job (PRODUCT.md section 7)."""

    SCHEDULED = "scheduled", _("It is planned, or gets a new time")
    STARTED = "started", _("We begin")
    COMPLETED = "completed", _("It is done")


class DeliveryState(models.TextChoices):
    """What became of a message (docs/decisions/0011-deliveries.md).

    *Sent*: handed over. *Delivered*: known to have arrived. *Not carried*: written down, but no carrier is set up to
    take it. *Uncertain*: the process died, or the line broke, while it was being handed over; it may have arrived, so
    it is never sent again by itself. *Sent again*: it was uncertain, and somebody had it sent once more, as a message
    of its own. *Not needed*: it was uncertain, and somebody said that nobody needs it any more.
    """

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    NOT_CARRIED = "not_carried", _("Not sent by a carrier")
    FAILED = "failed", _("Failed")
    BOUNCED = "bounced", _("Bounced")
    SKIPPED = "skipped", _("Skipped")
    UNCERTAIN = "uncertain", _("Uncertain")
    SENT_AGAIN = "sent_again", _("Sent again")
    NOT_NEEDED = "not_needed", _("Not needed")


# Unfold's label variants in the console.
DELIVERY_STATE_COLOURS = {
    DeliveryState.QUEUED: "info",
    DeliveryState.SENDING: "info",
    DeliveryState.SENT: "success",
    DeliveryState.DELIVERED: "success",
    DeliveryState.NOT_CARRIED: "warning",
    DeliveryState.FAILED: "danger",
    DeliveryState.BOUNCED: "danger",
    DeliveryState.SKIPPED: "default",
    DeliveryState.UNCERTAIN: "warning",
    DeliveryState.SENT_AGAIN: "default",
    DeliveryState.NOT_NEEDED: "default",
}
CHANNEL_COLOURS = {Channel.EMAIL: "info", Channel.SMS: "primary", Channel.CONSOLE: "default"}

# What nothing more happens to by itself.
OVER = (
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.NOT_CARRIED,
    DeliveryState.FAILED,
    DeliveryState.BOUNCED,
    DeliveryState.SKIPPED,
    DeliveryState.UNCERTAIN,
    DeliveryState.SENT_AGAIN,
    DeliveryState.NOT_NEEDED,
)
