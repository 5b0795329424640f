"""The pages in the bar at the top (on a telephone: at the bottom), and who sees which."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal_site.visitor import Visitor


@dataclass(frozen=True)
class NavigationEntry:
    """One page: its URL name, its word, its icon, and the permission without which it is not shown."""

    name: str
    label: str | Promise
    icon: str
    permission: str = ""


ENTRIES = (
    NavigationEntry("portal_site:home", _("Home"), "house"),
    NavigationEntry("portal_site:jobs", _("Jobs"), "calendar-check", "view_jobs"),
    NavigationEntry("portal_site:map", _("Map"), "map", "view_map"),
    NavigationEntry("portal_site:billing", _("Invoices"), "receipt-text", "view_invoices"),
    NavigationEntry("portal_site:colleagues", _("Colleagues"), "users", "manage_colleagues"),
    NavigationEntry("portal_site:me", _("My account"), "user"),
)


@dataclass(frozen=True)
class ShownEntry:
    """An entry as it stands on one page."""

    entry: NavigationEntry
    url: str
    is_here: bool


def entries(visitor: Visitor, path: str) -> list[ShownEntry]:
    """The pages this person sees in the bar on the page at a path."""
    home, shown = reverse("portal_site:home"), []
    for entry in ENTRIES:
        if entry.permission and not visitor.may(entry.permission):
            continue
        url = reverse(entry.name)
        shown.append(ShownEntry(entry, url, path == url if url == home else path.startswith(url)))
    return shown
