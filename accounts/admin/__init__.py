"""The console's pages about customers, portal users, staff and labels."""

from accounts.admin import customers, labels, links, portal_users, staff, tokens

__all__ = ["customers", "labels", "links", "portal_users", "staff", "tokens"]
