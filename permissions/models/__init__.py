"""What the office decided about single people: overrides, template access, grants to staff."""

from permissions.models.decisions import PermissionOverride, TemplateAccess
from permissions.models.grants import CustomerGrant, PortalUserGrant, TemplateGrant

__all__ = ["CustomerGrant", "PermissionOverride", "PortalUserGrant", "TemplateAccess", "TemplateGrant"]
