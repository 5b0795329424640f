"""A member of staff sees the companion site as a portal user does: read only, logged with both names."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import PortalUser, User, ViewAs
from audit.act import acting
from console.errors import NotAllowed
from console.scope import reach_of
from permissions.resolver import rights_of

MAY_VIEW_AS = "accounts.view_as_portaluser"


@transaction.atomic
def start_view_as(person: PortalUser, *, by: User, reason: str = "") -> ViewAs:
    """Writes down that ``by`` begins to look through this person's eyes.

    Raises NotAllowed without the right, and when this person sees more than was granted to ``by``.
    """
    if not by.has_perm(MAY_VIEW_AS, person):
        raise NotAllowed(_("You may not see the companion site as this person."))
    if not _is_within_reach(person, by):
        raise NotAllowed(_("%s also sees what was not granted to you, so you cannot look through her eyes.") % person)
    with acting(by=by, reason=reason or None):
        for open_one in ViewAs.objects.filter(staff=by, ended_at__isnull=True):
            _end(open_one)
        return ViewAs.objects.create(staff=by, portal_user=person)


def _is_within_reach(person: PortalUser, by: User) -> bool:
    """Does this person see nothing that was not granted to ``by``? Whoever is not narrowed reaches everything."""
    reach = reach_of(by)
    if not reach.limited:
        return True
    rights = rights_of(person)
    if reach.customers_limited:
        beyond = set(rights.links) - reach.keys("customer", "change")
        if beyond or rights.acts_for_any_customer:
            return False
    return not reach.templates_limited or rights.template_ids <= reach.keys("template", "view")


def look_under_way(look_id: int, *, by: User) -> ViewAs | None:
    """The look of this member of staff that has not ended, with its portal user; None when she may look no longer."""
    look = (
        ViewAs.objects.select_related("portal_user__user").filter(pk=look_id, staff=by, ended_at__isnull=True).first()
    )
    if look is None or not by.has_perm(MAY_VIEW_AS, look.portal_user) or not _is_within_reach(look.portal_user, by):
        return None
    return look


@transaction.atomic
def end_view_as(view: ViewAs, *, by: User) -> None:
    """Writes down that it is over."""
    with acting(by=by):
        if view.ended_at is None:
            _end(view)


def _end(view: ViewAs) -> None:
    view.ended_at = timezone.now()
    view.save(update_fields=["ended_at"])
