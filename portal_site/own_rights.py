"""What a portal user reads about her own rights: the office's catalogue in the words of a customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from business.models import PortalSettings
from permissions.effective import PermissionRow

# By code of business.catalogue, in the order they are read. ``test_my_account.py`` says which one is forgotten.
WORDS = {
    "view_jobs": gettext_lazy("See the jobs and where they stand"),
    "create_jobs": gettext_lazy("Ask for jobs"),
    "create_many_jobs": gettext_lazy("Ask for several identical jobs at once"),
    "request_start_time": gettext_lazy("Say when I would like a job"),
    "edit_jobs": gettext_lazy("Change a job before it begins"),
    "cancel_jobs": gettext_lazy("Cancel a job before it begins"),
    "view_map": gettext_lazy("See jobs on the map"),
    "view_worker": gettext_lazy("See who comes"),
    "set_alerts": gettext_lazy("Have messages about a job sent"),
    "view_invoices": gettext_lazy("See invoices and what is to pay"),
    "pay_invoices": gettext_lazy("Pay invoices"),
    "manage_colleagues": gettext_lazy("Invite and remove colleagues"),
}
LEFT_OUT = {
    "any_customer": "what the business's own people have; a customer would only wonder",
}


@dataclass(frozen=True)
class OwnRight:
    """One line: what, how far, and yes or no, for all accounts or by account."""

    words: str
    note: str
    row: PermissionRow


def own_rights(rows: Iterable[PermissionRow], settings: PortalSettings) -> list[OwnRight]:
    """Her sheet (permissions.effective), line by line in her words."""
    known = {row.permission.code: row for row in rows}
    return [OwnRight(str(words), _note(code, settings), known[code]) for code, words in WORDS.items() if code in known]


def _note(code: str, settings: PortalSettings) -> str:
    hours = {"edit_jobs": settings.change_cutoff_hours, "cancel_jobs": settings.cancel_cutoff_hours}.get(code)
    if hours:
        until = ngettext(
            "Up to %d hour before it; later you ask us.", "Up to %d hours before it; later you ask us.", hours
        )
        return until % hours
    if code == "create_jobs":
        return _("We set the time and tell you.")
    return ""
