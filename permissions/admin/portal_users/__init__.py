"""Portal users: people with a login to the companion site, for whom they act, and what they may do."""

from permissions.admin.portal_users.page import PortalUserAdmin

__all__ = ["PortalUserAdmin"]
