"""Who decided what an override says: beyond the link it stands on, where it came back with a new one."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import CustomerLink
from audit.act import Source
from console.reader import Reader
from permissions.models import PermissionOverride
from permissions.services.merged import passed_on_to
from permissions.services.moving_decisions import SaidThen


@dataclass(frozen=True)
class Decided:
    """``decision``: the history row of who decided, if this reader may read it. ``again``: that of its return."""

    decision: SaidThen | None
    again: SaidThen | None

    @property
    def words(self) -> list[str]:
        """Return "by Olivia Osei on 12 Nov" and, where it came back with a new link, "applied again on 29 Nov"."""
        said = []
        if self.decision is not None:
            said.append(_("by %(who)s on %(when)s") % {"who": self.decision.actor, "when": _day(self.decision)})
        if self.again is not None:
            said.append(_("applied again on %s") % _day(self.again))
        return said


def decided(override: PermissionOverride, reader: Reader) -> Decided:
    """Return who decided what an override says, and since when it applies again, for a reader who may see it."""
    last: SaidThen | None = override.history.first()
    link = override.link
    if last is None or link is None:
        return Decided(last, None)
    passed_on = passed_on_to(link.customer_id)
    merges = set(passed_on.values())
    came_back = _is_by_portico(last)
    if not came_back and last.request_id not in merges:
        return Decided(last, None)
    earlier = _earlier_rows(link, {link.customer_id, *passed_on}, last)
    if not earlier:
        return Decided(last, None)
    visible = PermissionOverride.history.filter(
        reader.history(PermissionOverride), history_id__in=[row.history_id for row in earlier]
    )
    shown = set(visible.values_list("history_id", flat=True))
    decision = _deciding(override, earlier, merges)
    return Decided(
        decision if decision is not None and decision.history_id in shown else None, last if came_back else None
    )


def whose_why_is_told(overrides: Collection[PermissionOverride], reader: Reader) -> frozenset[int]:
    """Return the keys of those overrides of which this reader may know why, by whom and until when they are.

    They see the override; one on the whole person was also given its reason while the person acted for customers of
    theirs alone. Else whoever links somebody to their own customer would read what was written at another.
    """
    seen = reader.visible_keys(PermissionOverride, [one.pk for one in overrides])
    whole = {one.pk for one in overrides if one.link_id is None} & seen
    if not reader.is_limited or not whole:
        return seen
    written: dict[int, tuple[str, int]] = {}
    rows = PermissionOverride.history.filter(id__in=whole).order_by("history_id")
    for key, reason, history_id in rows.values_list("id", "reason", "history_id"):
        if key not in written or written[key][0] != reason:
            written[key] = (reason, history_id)
    then = PermissionOverride.history.filter(
        reader.history(PermissionOverride), history_id__in=[history_id for _reason, history_id in written.values()]
    )
    return (seen - whole) | frozenset(then.values_list("id", flat=True))


def _earlier_rows(link: CustomerLink, customers: Collection[int], last: SaidThen) -> list[SaidThen]:
    """What was written about the permission before: on this link, and on earlier ones of the same person to any of
    these customers; oldest first."""
    links = CustomerLink.history.filter(portal_user_id=link.portal_user_id, customer_id__in=customers, history_type="-")
    rows = PermissionOverride.history.filter(
        link_id__in={link.pk, *links.values_list("id", flat=True)},
        permission=last.permission,
        history_id__lt=last.history_id,
    )
    return list(rows.order_by("history_id"))


def _deciding(override: PermissionOverride, rows: list[SaidThen], merges: Collection[uuid.UUID]) -> SaidThen | None:
    """The last row that says the same, written by somebody who decided it.

    Nobody decides who only makes a link, brings back a removed one, invites a colleague, or merges customers (by these
    requests).
    """
    found, known = None, set()
    for row in rows:
        is_made_again = row.history_type == "+" and row.id in known
        known.add(row.id)
        if row.history_type == "-" or is_made_again or row.history_source == Source.PORTAL or _is_by_portico(row):
            continue
        if row.request_id in merges:
            continue
        if (row.effect, row.reason, row.ends_at) == (override.effect, override.reason, override.ends_at):
            found = row
    return found


def _is_by_portico(row: SaidThen) -> bool:
    return bool(row.history_source == Source.SYSTEM and row.actor == "Portico")


def _day(row: SaidThen) -> str:
    return date_format(timezone.localtime(row.history_date), "SHORT_DATETIME_FORMAT")
