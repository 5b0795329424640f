"""Customers, their people, and everybody who can sign in."""

from accounts.models.authenticators import AuthenticatorApp
from accounts.models.customers import Contact, Customer, Label, Location
from accounts.models.invitations import Invitation
from accounts.models.people import CustomerLink, PortalUser, User, ViewAs, Worker

__all__ = [
    "AuthenticatorApp",
    "Contact",
    "Customer",
    "CustomerLink",
    "Invitation",
    "Label",
    "Location",
    "PortalUser",
    "User",
    "ViewAs",
    "Worker",
]
