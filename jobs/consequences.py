"""What a change of the portal settings does to portal links: told before it is saved."""

from __future__ import annotations

from django.utils.translation import ngettext

from jobs.models import PortalLink
from permissions.models import PortalSettings


def links_that_die(before: PortalSettings, after: PortalSettings) -> list[str]:
    """Sentences on the portal links that stop or start to open; none when the change does not touch them."""
    if before.portal_enabled == after.portal_enabled:
        return []
    count = PortalLink.objects.alive().count()
    if not count:
        return []
    if after.portal_enabled:
        return [ngettext("%d portal link opens again.", "%d portal links open again.", count) % count]
    return [ngettext("%d portal link stops opening.", "%d portal links stop opening.", count) % count]
