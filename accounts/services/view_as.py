"""A member of staff sees the companion site as a portal user does: read only, logged with both names."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import PortalUser, User, ViewAs
from audit.act import acting
from permissions.errors import NotAllowed

MAY_VIEW_AS = "accounts.view_as_portaluser"


@transaction.atomic
def start_view_as(person: PortalUser, *, by: User, reason: str = "") -> ViewAs:
    """Writes down that ``by`` begins to look through this person's eyes. Raises NotAllowed without the right."""
    if not by.has_perm(MAY_VIEW_AS, person):
        raise NotAllowed(_("You may not see the companion site as this person."))
    with acting(by=by, reason=reason or None):
        for open_one in ViewAs.objects.filter(staff=by, ended_at__isnull=True):
            _end(open_one)
        return ViewAs.objects.create(staff=by, portal_user=person)


def look_under_way(look_id: int, *, by: User) -> ViewAs | None:
    """The look of this member of staff that has not ended, with its portal user; None when she may look no longer."""
    look = (
        ViewAs.objects.select_related("portal_user__user").filter(pk=look_id, staff=by, ended_at__isnull=True).first()
    )
    return look if look is not None and by.has_perm(MAY_VIEW_AS, look.portal_user) else None


@transaction.atomic
def end_view_as(view: ViewAs, *, by: User) -> None:
    """Writes down that it is over."""
    with acting(by=by):
        if view.ended_at is None:
            _end(view)


def _end(view: ViewAs) -> None:
    view.ended_at = timezone.now()
    view.save(update_fields=["ended_at"])
