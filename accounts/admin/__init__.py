"""The console's pages about customers, portal users, staff and labels."""

from accounts.admin import labels
from permissions.admin import customers, links, portal_users, staff

__all__ = ["customers", "labels", "links", "portal_users", "staff"]
