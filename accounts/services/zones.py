"""A person says in which zone she reads times; her browser says in which it is."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.zones import zone_names
from audit.act import acting
from console.errors import Refused
from console.reach import By


@transaction.atomic
def choose_zone(user: User, name: str, *, by: By) -> User:
    """From now on pages and messages give her times in that zone; an empty one: as her device says.

    Raises Refused for a zone there is not.
    """
    if name and name not in zone_names():
        raise Refused(_("There is no such time zone."))
    if user.time_zone != name:
        user.time_zone = name
        with acting(by=by):
            user.save(update_fields=["time_zone"])
    return user


def note_browser_zone(user: User, name: str) -> None:
    """Keeps the zone her browser is in. Not a change anybody made: no history."""
    if name in zone_names() and user.browser_zone != name:
        User.objects.filter(pk=user.pk).update(browser_zone=name)
        user.browser_zone = name
