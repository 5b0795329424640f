"""The console's pages about customers, portal users, staff and workers."""

from accounts.admin import customers, links, portal_users, staff, words

__all__ = ["customers", "links", "portal_users", "staff", "words"]
