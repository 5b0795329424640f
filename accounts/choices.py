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


class AccountEventKind(models.TextChoices):
    """What can happen to an account and concerns more than its history: its owner gets a mail, or the office hears."""

    INVITED = "portal_user.invited", _("Portal user invited")
    SIGNED_UP = "portal_user.signed_up", _("Portal user signed up")
    ACCESS_OPENED = "portal_user.access_opened", _("Portal access opened")
    ACCESS_ENDED = "portal_user.access_ended", _("Portal access ended")
    STAFF_INVITED = "staff.invited", _("Member of staff invited")
    PASSWORD_LINK = "account.password_link", _("Password link requested")
    TWO_FACTOR_OFF = "account.two_factor_off", _("Two-factor sign-in switched off")
    SIGN_IN_PAUSED = "account.sign_in_paused", _("Sign-in paused")


# Unfold's label variants: info, success, warning, danger, or plain.
PORTAL_USER_STATE_COLOURS = {
    PortalUserState.INVITED: "info",
    PortalUserState.AWAITING: "info",
    PortalUserState.ACTIVE: "success",
    PortalUserState.SUSPENDED: "warning",
    PortalUserState.REMOVED: "danger",
}
