"""The console's pages about customers, portal users, staff and labels."""

from permissions.admin import customers, links, portal_users, staff
from accounts.admin import labels

__all__ = ["customers", "labels", "links", "portal_users", "staff"]
