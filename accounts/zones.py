"""In which zone a person reads times: the one she chose, else her browser's, else that of the business.

Whatever is not a page or a message for one person is in the business's zone: ``timezone.get_default_timezone()``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.models.people import Anyone

AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def zone_names() -> tuple[str, ...]:
    """The zones one can choose, by name: places, not abbreviations."""
    return tuple(sorted(name for name in available_timezones() if name.split("/")[0] in AREAS))


def zone_named(name: str) -> tzinfo:
    """The zone of that name; the business's for an empty or unknown one."""
    return ZoneInfo(name) if name in zone_names() else timezone.get_default_timezone()


def zone_name_of(user: Anyone | None) -> str:
    """The zone a person chose, else her browser's; nothing where neither is known."""
    return getattr(user, "time_zone", "") or getattr(user, "browser_zone", "")


def zone_of(user: Anyone | None) -> tzinfo:
    """In which zone this person reads times; nobody in particular: the business's."""
    return zone_named(zone_name_of(user))


@dataclass(frozen=True)
class MessageReader:
    """What is known of somebody who reads messages: the language she chose, the zone she is in."""

    language: str = ""
    zone: str = ""


def readers_of(addresses: Iterable[str]) -> dict[str, MessageReader]:
    """The people who sign in with some e-mail addresses, by address in small letters: one query."""
    wanted = {address.strip().lower() for address in addresses if address}
    if not wanted:
        return {}
    known = User.objects.filter(email__in=wanted).values_list("email", "language", "time_zone", "browser_zone")
    return {email: MessageReader(language, chosen or seen) for email, language, chosen, seen in known}


def city_of(zone: tzinfo) -> str:
    """What people call a zone: "Europe/Berlin" is Berlin."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")


def is_elsewhere(moment: datetime) -> bool:
    """Does the clock of whoever reads this show another time than the business's?"""
    ours = timezone.get_default_timezone()
    return timezone.localtime(moment).utcoffset() != timezone.localtime(moment, ours).utcoffset()


def there(moment: datetime, until: datetime | None = None) -> str:
    """What the clock of the business says, named, for a reader who lives by another: "08:30 in Berlin"; else "".

    ``until``: the end of a window that begins at the moment: "08:30–10:30 in Berlin".
    """
    if not is_elsewhere(moment):
        return ""
    ours = timezone.get_default_timezone()
    local = timezone.localtime(moment, ours)
    is_same_day = local.date() == timezone.localtime(moment).date()
    time = date_format(local, "TIME_FORMAT" if is_same_day else "D j M, H:i")
    if until is not None:
        time = f"{time}–{date_format(timezone.localtime(until, ours), 'TIME_FORMAT')}"
    return _("%(time)s in %(city)s") % {"time": time, "city": city_of(ours)}
