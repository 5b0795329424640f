"""What is done to the settings of the business."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from audit.act import acting
from audit.restore import RestoreStep
from business.models import PortalSettings
from console.errors import Conflict
from console.reach import By


@transaction.atomic
def save_portal_settings(settings: PortalSettings, *, by: By, reason: str = "") -> PortalSettings:
    """Saves changed portal settings. Raises Conflict when somebody saved since ``settings`` was loaded."""
    stored = PortalSettings.objects.select_for_update().filter(pk=1).values_list("version", flat=True).first()
    if stored is not None and stored != settings.version:
        raise Conflict(_("Somebody else saved the portal settings just now. Look at them again, then save."))
    settings.version = (stored or 0) + 1
    settings.full_clean(exclude=["logo"])
    with acting(by=by, reason=reason or None):
        settings.save()
    return settings


def count_version(settings: PortalSettings, step: RestoreStep) -> None:
    """Before old settings are saved again: whoever has the page open notices."""
    settings.version += 1
