"""What was decided on two links of one person, when their customers become one (decision 0089)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Protocol

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Customer, CustomerLink
from permissions.models import PermissionOverride
from permissions.models.decisions import OverrideQuerySet

_ALLOW, _DENY = PermissionOverride.Effect.ALLOW, PermissionOverride.Effect.DENY
_NEVER = datetime.max.replace(tzinfo=UTC)


class Said(Protocol):
    """What an override says: one that stands, or a row of its history."""

    @property
    def permission(self) -> str: ...
    @property
    def effect(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def ends_at(self) -> datetime | None: ...


class SaidThen(Said, Protocol):
    """A row of an override's history."""

    id: int
    link_id: int | None
    customer_ref: int | None
    history_id: int
    history_date: datetime
    history_type: str
    history_change_reason: str | None
    request_id: uuid.UUID
    history_source: str
    actor: str


def moving_decisions(drop: Customer, keep: Customer) -> OverrideQuerySet:
    """Return the overrides in force on links of one customer that hold on the other's link of the same person."""
    overrides = PermissionOverride.objects.in_force()
    theirs = CustomerLink.objects.filter(customer=keep, portal_user=OuterRef("link__portal_user"))
    ours = overrides.filter(
        link__customer=keep, link__portal_user=OuterRef("link__portal_user"), permission=OuterRef("permission")
    )
    moving = overrides.filter(Exists(theirs), link__customer=drop)
    kept = Exists(ours.filter(effect=_DENY)) | Exists(ours) & Exists(overrides.filter(pk=OuterRef("pk"), effect=_ALLOW))
    return moving.exclude(kept)


def move_decisions(drop: CustomerLink, keep: CustomerLink) -> None:
    """Let what was decided on a link that goes hold on the other: where both decide, a deny wins over an allow.

    Of two that deny the one that lasts longer holds. What has ended decides nothing.
    """
    ours = {one.permission: one for one in keep.overrides.all()}
    for theirs in drop.overrides.in_force():
        mine = ours.get(theirs.permission)
        if mine is None:
            theirs.link = keep
            theirs.save()
        elif wins(theirs, mine, timezone.now()):
            mine.effect, mine.reason, mine.ends_at = theirs.effect, theirs.reason, theirs.ends_at
            mine.save()


def wins(theirs: Said, mine: Said | None, at: datetime) -> bool:
    """Does an override (or a history row of one) hold over another, when two customers become one at that moment?"""
    if theirs.ends_at is not None and theirs.ends_at <= at:
        return False
    if mine is None or (mine.ends_at is not None and mine.ends_at <= at):
        return True
    if theirs.effect == _DENY == mine.effect:
        return (theirs.ends_at or _NEVER) > (mine.ends_at or _NEVER)
    return bool(theirs.effect == _DENY)
