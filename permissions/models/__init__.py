"""What the office decided: portal settings, overrides, template access, grants to staff; and the files of its lists."""

from business.models import PortalSettings
from console.models import ListExport
from permissions.models.decisions import PermissionOverride, TemplateAccess
from permissions.models.grants import CustomerGrant, PortalUserGrant, TemplateGrant

__all__ = [
    "CustomerGrant",
    "ListExport",
    "PermissionOverride",
    "PortalSettings",
    "PortalUserGrant",
    "TemplateAccess",
    "TemplateGrant",
]
