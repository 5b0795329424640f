"""Saying what became of many invitations."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from permissions.services.inviting_many import InvitingOutcome

NAMED = 20


def tell_outcome(request: HttpRequest, outcome: InvitingOutcome) -> None:
    """How many were invited and linked, and who was skipped, why."""
    if count := len(outcome.invited):
        said = ngettext("%d invitation is on its way.", "%d invitations are on their way.", count)
        messages.success(request, said % count)
    if count := len(outcome.linked):
        said = ngettext("%d person had a login and is linked now.", "%d people had a login and are linked now.", count)
        messages.success(request, said % count)
    if outcome.skipped:
        more = len(outcome.skipped) - NAMED
        lines = [*outcome.skipped[:NAMED], *([_("and %d more") % more] if more > 0 else [])]
        messages.warning(request, _("Skipped: %s") % "; ".join(lines))
