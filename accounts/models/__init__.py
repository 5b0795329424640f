"""Customers, their people, and everybody who can sign in."""

from accounts.models.authenticators import AuthenticatorApp
from accounts.models.customers import Contact, Customer, Label, Location
from accounts.models.events import AccountEvent
from accounts.models.invitations import Invitation
from accounts.models.people import CustomerLink, PortalUser, User, ViewAs, Worker
from accounts.models.tokens import ApiToken, KeptAnswer

__all__ = [
    "AccountEvent",
    "ApiToken",
    "AuthenticatorApp",
    "Contact",
    "Customer",
    "CustomerLink",
    "Invitation",
    "KeptAnswer",
    "Label",
    "Location",
    "PortalUser",
    "User",
    "ViewAs",
    "Worker",
]
