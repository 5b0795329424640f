"""The fixed vocabularies of customers and people, each with its badge colour."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """The languages we have a catalogue for, each by the name its speakers give it."""

    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


class PaymentTerms(models.IntegerChoices):
    """When an invoice is due. The value is days after its date; -1 is cash on delivery."""

    COD = -1, _("Cash on delivery")
    NET_0 = 0, _("At once")
    NET_7 = 7, _("7 days")
    NET_14 = 14, _("14 days")
    NET_30 = 30, _("30 days")
    NET_45 = 45, _("45 days")
    NET_60 = 60, _("60 days")


class PortalUserState(models.TextChoices):
    """Where a portal user stands (PRODUCT.md section 3). Only an active one gets in."""

    INVITED = "invited", _("Invited")
    AWAITING = "awaiting", _("Awaiting activation")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    REMOVED = "removed", _("Removed")


# Unfold's label variants: info, success, warning, danger, or plain.
PORTAL_USER_STATE_COLOURS = {
    PortalUserState.INVITED: "info",
    PortalUserState.AWAITING: "info",
    PortalUserState.ACTIVE: "success",
    PortalUserState.SUSPENDED: "warning",
    PortalUserState.REMOVED: "danger",
}
