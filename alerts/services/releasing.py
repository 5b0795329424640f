"""What the office decides after a restore: what is sent, which numbers are left out, what ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiToken, Invitation, User
from accounts.services.invitations import withdraw_all
from accounts.services.tokens import revoke_token
from alerts.choices import Audience, DeliveryState
from alerts.models import Delivery, DeliveryQuerySet
from alerts.services.doubts import may_have_gone_out
from alerts.sources import source_named
from audit.act import acting
from business.holding import may_go_on
from business.models import Hold
from console.errors import Conflict, NotAllowed
from console.scope import reach_of
from jobs.models import PortalLink
from jobs.models.links import PortalLinkQuerySet
from jobs.services import revoke_portal_link, skip_numbers

PERMISSION = "business.release_hold"
# Links from before that are as old as the backup or older; which of them were ended since, nobody knows.
SHORTLY_BEFORE = timedelta(days=7)


@dataclass(frozen=True)
class Endings:
    """Which doors are closed when a hold is released: all there are of a kind, as far as they are open."""

    sessions: bool = False
    tokens: bool = False
    invitations: bool = False
    links: bool = False


# What it takes to close the doors of each kind.
CLOSED_BY = {
    "sessions": "accounts.change_user",
    "tokens": "accounts.change_apitoken",
    "invitations": "accounts.change_portaluser",
    "links": "jobs.change_portallink",
}
# Without these somebody would decide about messages they do not see.
_NEEDED = ("alerts.view_delivery", "accounts.view_portaluser", "accounts.view_user")


def require_right_to_release(by: User | AnonymousUser | None) -> None:
    """Raise NotAllowed for whoever may not decide, or does not see all that is decided about. None is Portico."""
    if by is None:
        return
    if not by.has_perm(PERMISSION):
        raise NotAllowed(_("You can't decide what is sent after a restore. Ask an administrator."))
    if reach_of(by).limited or not all(by.has_perm(code) for code in _NEEDED):
        raise NotAllowed(_("You see only part of what is held. Somebody who sees all of it has to decide."))


def decide_messages(hold: Hold, choice: Hold.Choice, *, by: User | None, only: Collection[int] | None = None) -> int:
    """Hold doubtful messages, or clear them to be sent when the hold is released; returns how many.

    Held ones become uncertain: they never go out by themselves, and can be sent again by hand. ``only``: the keys of
    some of them; None for all. What was decided already is left as it is. Raises NotAllowed, Conflict when the hold is
    over.
    """
    require_right_to_release(by)
    with transaction.atomic(), acting(by=by):
        hold = _locked(hold)
        count = _decide(hold, choice, only)
        hold.save()
        return count


def _decide(hold: Hold, choice: Hold.Choice, only: Collection[int] | None = None) -> int:
    rows = Delivery.objects.doubtful(hold)
    rows = rows if only is None else rows.filter(pk__in=only)
    if choice == Hold.Choice.HOLD:
        count = _hold_back(rows)
        hold.messages_held += count
    else:
        # No longer due since the lost time, so no longer in doubt.
        count = rows.update(next_attempt_at=timezone.now())
        hold.messages_sent += count
    return count


def _hold_back(rows: DeliveryQuerySet) -> int:
    keys = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    held = Delivery.objects.filter(pk__in=keys)
    count = held.update(state=DeliveryState.UNCERTAIN, next_attempt_at=None, why=may_have_gone_out())
    for delivery in held.filter(audience=Audience.OWNER):
        if source := source_named(delivery.event_model):
            source.note_fate(delivery)
    return count


def release(
    hold: Hold,
    choice: Hold.Choice,
    *,
    by: User | None,
    skip: int = 0,
    again: Collection[UUID] = (),
    endings: Endings | None = None,
) -> Hold:
    """End a hold: what is still in doubt is held or sent, the series of job numbers goes on behind ``skip`` more, and
    everything that waits goes on.

    ``again``: the requests of work that is done again (imports in the middle). Held with the messages, theirs are
    written as uncertain. Raises NotAllowed; Conflict when somebody has released it; Refused for a
    margin that nobody means.
    """
    require_right_to_release(by)
    with transaction.atomic(), acting(by=by):
        hold = _locked(hold)
        _decide(hold, choice)
        if choice == Hold.Choice.HOLD:
            hold.held_requests = [str(hold.again_request), *map(str, again)]
        if skip:
            skip_numbers(skip)
            hold.numbers_skipped += skip
        _end(hold, endings or Endings(), by)
        hold.rest, hold.released_at, hold.is_open = choice, timezone.now(), False
        hold.save()
        may_go_on()
    return hold


def _locked(hold: Hold) -> Hold:
    hold = Hold.objects.select_for_update(of=("self",)).get(pk=hold.pk)
    if not hold.is_open:
        raise Conflict(_("This was decided already. Nothing is held any more."))
    return hold


# --- what may live again


def doors_open(hold: Hold, *, by: User | AnonymousUser | None) -> Mapping[str, int]:
    """Return how many doors of each kind (as in ``Endings``) are open that may have been closed in the lost time: of
    the kinds that this person may close."""
    counts = {
        "sessions": _signed_in(by).count,
        "tokens": ApiToken.objects.alive().count,
        "invitations": Invitation.objects.good().count,
        "links": _links(hold).count,
    }
    return {name: counts[name]() for name in CLOSED_BY if may_close(name, by)}


def may_close(name: str, by: User | AnonymousUser | None) -> bool:
    """May this person close doors of that kind?"""
    return by is None or by.has_perm(CLOSED_BY[name])


def _signed_in(by: User | AnonymousUser | None) -> QuerySet[User]:
    """The accounts that may have a session, but that of whoever decides."""
    others = User.objects.filter(is_active=True, last_login__isnull=False)
    return others.exclude(pk=by.pk) if isinstance(by, User) else others


def _links(hold: Hold) -> PortalLinkQuerySet:
    before = hold.lost_from or hold.lost_until
    return PortalLink.objects.alive().filter(made_at__gt=before - SHORTLY_BEFORE)


def _end(hold: Hold, endings: Endings, by: User | None) -> None:
    if not all(may_close(name, by) for name in CLOSED_BY if getattr(endings, name)):
        raise NotAllowed(_("You can't close all of these. Ask an administrator."))
    if endings.sessions:
        hold.signed_out += _signed_in(by).update(session_epoch=F("session_epoch") + 1)
    if endings.tokens:
        for token in ApiToken.objects.alive().select_related("user", "worker"):
            revoke_token(token, by=by)
            hold.tokens_revoked += 1
    if endings.invitations:
        for user in User.objects.filter(pk__in=Invitation.objects.good().values("user")):
            hold.invitations_withdrawn += withdraw_all(user)
    if endings.links:
        for link in _links(hold).select_related("job"):
            revoke_portal_link(link, by=by)
            hold.links_revoked += 1
