"""What the office decided: portal settings, overrides, template access, grants to staff; and the files of its lists."""

from permissions.models.decisions import PermissionOverride, TemplateAccess
from permissions.models.grants import CustomerGrant, PortalUserGrant, TemplateGrant
from console.models import ListExport
from business.models import PortalSettings

__all__ = [
    "CustomerGrant",
    "ListExport",
    "PermissionOverride",
    "PortalSettings",
    "PortalUserGrant",
    "TemplateAccess",
    "TemplateGrant",
]
