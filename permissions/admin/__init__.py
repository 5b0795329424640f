"""The console's pages on which rights are decided: portal settings, customers, portal users, links, staff."""

from permissions.admin import customers, links, portal_users, settings, staff, templates

__all__ = ["customers", "links", "portal_users", "settings", "staff", "templates"]
